import type { Api } from "@doubleshot/service-kit";
import { z } from "zod";
import type { EngineRoom } from "./engine-room.ts";
import { engineersOnly } from "./engineers-only.ts";
import type { Snapshot } from "./pipeline/pipeline.ts";
import { beforeTopic, queuedIn, stageNames, stagesOf } from "./pipeline/stages.ts";

const figure = z.number().nullable();
const count = z.int().min(0);

const pipelineJson = z.object({
  at: z.iso.datetime(),
  stages: z
    .array(z.object({ stage: z.enum(stageNames), rate: figure, lag_ms: figure, backlog: figure }))
    .describe(
      "In the order of an event's way. A figure is null if it has no meaning at the stage or is not known. Rates: " +
        "`commit`: commits/s. " +
        "`topic`: first arrivals/s. " +
        "`queues`: receives/s. " +
        "`inboxes`: first handlings/s. " +
        "`waiters`: answered customers/s. " +
        "From `topic` to `inboxes`, an event counts once for each of its subscribers. If an outbox is only sampled, `stream` figures " +
        "and the lag of `queues` are lower bounds; null if the sample shows no event under way.",
    ),
  points: z
    .array(
      z.object({
        at: z.int(),
        commit_rate: figure,
        handled_rate: figure,
        before_topic: figure,
        queued: count,
        waiting: count,
      }),
    )
    .describe("After `after`, up to five minutes back, the earliest first. `at` is in epoch milliseconds."),
  outboxes: z.array(
    z.object({
      name: z.string(),
      rows: count,
      sampled: count,
      under_way: count,
      lag_ms: z.number(),
      lagging: z.string().optional(),
      parked: count,
      failed_batches: count,
    }),
  ),
  queues: z.array(
    z.object({
      subscriber: z.string(),
      waiting: count,
      in_hand: count,
      dead: count.nullable(),
      undelivered: count.nullable(),
    }),
  ),
  deliveries: z
    .object({ handled: count, duplicates: count, retries: count, failures: count })
    .describe("Since the processes were started."),
  services: z.array(z.object({ name: z.string(), answers: z.boolean(), url: z.string() })),
  inspector: z.string().nullable().describe("URL of DynamoDB Admin."),
  faults: z.boolean().describe("Whether `/faults` exists: on a developer's machine."),
});

const readPipeline = {
  id: "readPipeline",
  method: "get",
  path: "/engine/pipeline",
  summary: "Each stage of the events' way: rate, lag and backlog",
  access: engineersOnly,
  description: "Read only on request: queues and metrics at most about once a second, tables every 4 s.",
  query: z.object({
    after: z.coerce.number().int().min(0).default(0).describe("`at` of the last point that is known."),
  }),
  answers: { 200: { description: "The pipeline now, and the points since.", schema: pipelineJson } },
} as const;

export function addPipelineRoute(api: Api, room: EngineRoom): void {
  api.handle(readPipeline, async ({ query: { after } }, response) => {
    const snapshots = await room.pipeline.read();
    response.set("Cache-Control", "no-store").json(toJson(snapshots, after, room));
  });
}

function toJson(snapshots: readonly Snapshot[], after: number, room: EngineRoom): z.input<typeof pipelineJson> {
  const now = snapshots.at(-1);
  const { status, totals } = now ?? {};
  const answering = new Set(now?.answering);
  return {
    at: new Date(now?.at ?? 0).toISOString(),
    stages: stagesOf(snapshots),
    points: snapshots.filter(({ at }) => at > after).map(pointOf),
    outboxes: (status?.outboxes ?? []).map(
      ({ outbox, rows, sampled, underWay, lagMs, lagging, parked, failedBatches }) => ({
        name: outbox,
        rows,
        sampled,
        under_way: underWay,
        lag_ms: lagMs,
        ...(lagging && { lagging }),
        parked: parked.rows,
        failed_batches: failedBatches,
      }),
    ),
    queues: (now?.queues ?? []).map(({ subscriber, waiting, inHand }) => {
      const read = status?.queues.find((each) => each.subscriber === subscriber);
      return { subscriber, waiting, in_hand: inHand, dead: read?.dead ?? null, undelivered: read?.undelivered ?? null };
    }),
    deliveries: {
      handled: totals?.handled ?? 0,
      duplicates: totals?.duplicates ?? 0,
      retries: totals?.retries ?? 0,
      failures: totals?.failures ?? 0,
    },
    services: room.services.map(({ name, url }) => ({ name, answers: answering.has(name), url: url.origin })),
    inspector: room.inspector ?? null,
    faults: room.faults !== undefined,
  };
}

function pointOf(snapshot: Snapshot) {
  const { at, spanMs, grown, waitingCallers, status } = snapshot;
  const perSecond = (total: number) => (spanMs === 0 ? null : (total * 1_000) / spanMs);
  return {
    at,
    commit_rate: perSecond(grown.commits),
    handled_rate: perSecond(grown.handled),
    before_topic: beforeTopic(status),
    queued: queuedIn(snapshot),
    waiting: waitingCallers,
  };
}
