import { type DeadLetter, deadLetters, redrive, type Shop } from "@doubleshot/operations";
import { type Api, ProblemError } from "@doubleshot/service-kit";
import { z } from "zod";
import { engineersOnly } from "../engineers-only.ts";
import { SharedRead } from "./shared-read.ts";

/** Letters of a queue that are shown. A redrive also sends those that are not shown. */
const maxLetters = 100;

const letterJson = z.object({
  subscriber: z.string(),
  from: z.enum(["dead", "undelivered"]),
  aggregate: z.string(),
  id: z.string(),
  type: z.string(),
  error: z.string(),
  attempts: z.int().optional(),
  dead_at: z.string(),
  body: z.string(),
});

const listDead = {
  id: "listDeadLetters",
  method: "get",
  path: "/engine/dead",
  summary: "Messages that a subscriber gave up, or that SNS could not deliver",
  access: engineersOnly,
  description:
    "Each letter is received and returned, so it is hidden from other consumers for a moment. Requests share one read, until 2 s after it ends.",
  answers: {
    200: {
      description: "The first letters of each aggregate, and the number of all.",
      schema: z.object({
        letters: z.array(letterJson).describe(`At most ${maxLetters} of each queue.`),
        total: z.int(),
        more: z
          .array(z.object({ subscriber: z.string(), from: z.enum(["dead", "undelivered"]), count: z.int() }))
          .describe("Queues with letters that are not shown, and their number."),
      }),
    },
  },
} as const;

const redriveDead = {
  id: "redriveDeadLetters",
  method: "post",
  path: "/engine/dead/redrive",
  summary: "Send dead letters back to their subscriber, in order for each aggregate",
  access: engineersOnly,
  description: "Waits up to 20 s for a letter that a marker names and the queue does not show.",
  body: {
    schema: z.object({
      from: z.enum(["dead", "undelivered"]).default("dead"),
      subscriber: z.string().min(1).max(200).exactOptional().describe("Default: all."),
      aggregate: z.string().min(1).max(500).exactOptional().describe("Default: all."),
      drop: z
        .array(z.string().min(1).max(200))
        .max(100)
        .exactOptional()
        .describe("Ids of letters to delete for good instead."),
    }),
    others: "refused",
  },
  answers: {
    200: {
      description: "The outcome for each aggregate.",
      schema: z.object({
        results: z.array(
          z.object({
            subscriber: z.string(),
            aggregate: z.string(),
            sent: z.int(),
            dropped: z.int(),
            outcome: z.enum(["redriven", "failed-again", "unfinished"]),
            reason: z.string().optional(),
          }),
        ),
      }),
    },
  },
} as const;

export function addDeadRoutes(api: Api, { shop }: { readonly shop: Shop }): void {
  const lastRead = new SharedRead(() => deadLetters(shop, { limit: maxLetters }));
  api.handle(listDead, async (_parsed, response) => {
    const { letters, total, more } = await lastRead.read();
    response.set("Cache-Control", "no-store").json({ letters: letters.map(toJson), total, more: [...more] });
  });
  api.handle(redriveDead, async ({ body }, response) => {
    checkSubscriber(shop, body.subscriber);
    const results = await redrive(shop, body).finally(() => lastRead.forget());
    response.json({ results });
  });
}

/** @throws ProblemError 400 that names the subscribers */
function checkSubscriber(shop: Shop, named: string | undefined): void {
  const names = shop.subscribers.map(({ name }) => name);
  if (named === undefined || names.includes(named)) return;
  throw new ProblemError(400, `subscriber is ${JSON.stringify(named)}: the subscribers are ${names.join(", ")}.`);
}

function toJson(letter: DeadLetter): z.input<typeof letterJson> {
  const { subscriber, from, aggregate, id, type, error, attempts, body } = letter;
  const shown = { subscriber, from, aggregate, id, type, error, body, dead_at: letter.deadAt };
  return attempts === undefined ? shown : { ...shown, attempts };
}
