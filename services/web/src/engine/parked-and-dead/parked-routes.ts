import {
  dropParked,
  type ParkedAggregate,
  parkedAggregate,
  parkedAggregates,
  retryParked,
  type Shop,
} from "@doubleshot/operations";
import { type Api, ProblemError } from "@doubleshot/service-kit";
import { z } from "zod";
import { engineersOnly } from "../engineers-only.ts";

/** Rows of an aggregate that are shown. A retry also publishes those that are not shown. */
const maxRows = 50;

const parkedJson = z.object({
  outbox: z.string(),
  aggregate: z.string(),
  since: z
    .string()
    .nullable()
    .describe(
      "Null: these rows are published already; an interrupted retry left them, and the next retry deletes them.",
    ),
  row_count: z.int(),
  rows: z
    .array(
      z.object({
        version: z.int(),
        parked_at: z.string(),
        reason: z.string(),
        events: z.array(z.object({ id: z.string(), type: z.string(), json: z.string() })),
      }),
    )
    .describe(`The first ${maxRows}.`),
});

const aggregate = z.string().min(1).max(500);

const listParked = {
  id: "listParked",
  method: "get",
  path: "/engine/parked",
  summary: "Events that SNS refused, and later ones of their aggregates",
  access: engineersOnly,
  answers: { 200: { description: "All parked aggregates.", schema: z.object({ parked: z.array(parkedJson) }) } },
} as const;

const retry = {
  id: "retryParked",
  method: "post",
  path: "/engine/parked/retry",
  summary: "Publish the parked rows of an aggregate in order, and release it",
  access: engineersOnly,
  body: { schema: z.object({ aggregate }), others: "refused" },
  answers: {
    200: {
      description: "`refused`: SNS still refuses an event, or its row is unreadable. All rows of the aggregate stay.",
      schema: z.object({
        outcome: z.enum(["released", "refused", "not-parked"]),
        events: z.int().optional(),
        version: z.int().optional(),
        reason: z.string().optional(),
      }),
    },
  },
} as const;

const drop = {
  id: "dropParked",
  method: "post",
  path: "/engine/parked/drop",
  summary: "Delete a parked row: its events are never published",
  access: engineersOnly,
  body: { schema: z.object({ aggregate, version: z.int().min(1) }), others: "refused" },
  answers: {
    200: {
      description:
        "`dropped-and-released`: it was the last row of its aggregate. `not-found`: the row was gone already.",
      schema: z.object({ outcome: z.enum(["dropped", "dropped-and-released", "not-found"]) }),
    },
  },
  problems: { 404: "Nothing of the aggregate is parked." },
} as const;

export function addParkedRoutes(api: Api, { shop }: { readonly shop: Shop }): void {
  api.handle(listParked, async (_parsed, response) => {
    response.set("Cache-Control", "no-store").json({ parked: (await parkedAggregates(shop)).map(toJson) });
  });
  api.handle(retry, async ({ body }, response) => {
    response.json(await retryParked(shop, body.aggregate));
  });
  api.handle(drop, async ({ body }, response) => {
    const parked = await parkedAggregate(shop, body.aggregate);
    if (parked === undefined)
      throw new ProblemError(404, `Nothing of ${body.aggregate} is parked: read the list again.`);
    response.json({ outcome: await dropParked(shop, parked, body.version) });
  });
}

function toJson({ outbox, aggregate, marker, rows }: ParkedAggregate): z.input<typeof parkedJson> {
  return {
    outbox: outbox.name,
    aggregate,
    since: marker?.since ?? null,
    row_count: rows.length,
    rows: rows.slice(0, maxRows).map(({ version, parkedAt, reason, events }) => ({
      version,
      parked_at: parkedAt,
      reason: `${reason.code}: ${reason.message}`,
      events: events.map(({ id, type, json }) => ({ id, type, json })),
    })),
  };
}
