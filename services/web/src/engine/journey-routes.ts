import { type Shop, type Trace, trace } from "@doubleshot/operations";
import { type Api, ProblemError } from "@doubleshot/service-kit";
import { z } from "zod";
import { engineersOnly } from "./engineers-only.ts";

const stepJson = z.object({
  at: z.string(),
  offset_ms: z.number().describe("Since the first step."),
  where: z.string().describe("A service, or a subscriber's queue."),
  what: z.enum(["commit", "event", "queued", "handled", "state"]),
  detail: z.string(),
  event: z.string().optional().describe("Id of the event."),
  receives: z.int().optional().describe("More than one: the message was delivered again before it was handled."),
  row: z
    .object({ table: z.string(), key: z.array(z.union([z.string(), z.number()])) })
    .describe("The row it was read from: its table, its partition key and its sort key."),
});

const journeyJson = z.object({
  id: z.string(),
  status: z.record(z.string(), z.string()).describe("By the kind of the aggregate."),
  steps: z.array(stepJson).describe("In the order of time."),
  undelivered: z
    .array(
      z.object({
        id: z.string(),
        type: z.string(),
        subscriber: z.string(),
        held: z.enum(["parked", "dead", "neither"]),
      }),
    )
    .describe("Events that a subscriber has not handled. `neither`: still on its way, or lost."),
});

const readJourney = {
  id: "readJourney",
  method: "get",
  path: "/engine/journeys/{id}",
  summary: "An order's way through the services, from the stored rows",
  access: engineersOnly,
  params: z.object({ id: z.string().min(1).max(200) }),
  answers: { 200: { description: "All recorded steps.", schema: journeyJson } },
  problems: { 404: "This order has no rows." },
} as const;

export function addJourneyRoute(api: Api, { shop }: { readonly shop: Shop }): void {
  api.handle(readJourney, async ({ params: { id } }, response) => {
    const found = await trace(shop, id);
    if (found === undefined) {
      throw new ProblemError(404, "This order has no rows: check its id. Outbox rows are kept for a week.");
    }
    response.set("Cache-Control", "no-store").json(toJson(found));
  });
}

function toJson({ id, status, entries, undelivered }: Trace): z.input<typeof journeyJson> {
  const known = Object.entries(status).flatMap(([kind, each]) => (each === undefined ? [] : [[kind, each] as const]));
  return {
    id,
    status: Object.fromEntries(known),
    steps: entries.map(({ offsetMs, row: { table, key }, ...entry }) => ({
      ...entry,
      offset_ms: offsetMs,
      row: { table, key: [...key] },
    })),
    undelivered: undelivered.map((event) => ({
      id: event.id,
      type: event.type,
      subscriber: event.subscriber,
      held: event.held,
    })),
  };
}
