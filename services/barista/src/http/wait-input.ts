import { readPreferences } from "@doubleshot/service-kit";
import type { Response } from "express";
import { z } from "zod";

/** Longer than most proxies leave a connection without an answer. */
const longestWait = 60;

export const waitQuery = {
  wait: z.coerce
    .number("it must be a number of seconds")
    .int()
    .min(0)
    .max(longestWait)
    .exactOptional()
    .describe(
      `Seconds to wait for an order when there is none, at most ${longestWait}. \`Prefer: wait=N\` says the same.`,
    ),
};

export const waitHeaders = z.object({
  prefer: z
    .string()
    .exactOptional()
    .describe(
      `\`wait=N\`: the same as the query's \`wait\`, which counts if both are given; more than ${longestWait} is ${longestWait}.`,
    ),
});

/** For the document. */
export const waitApplied = { "Preference-Applied": "How long it would have waited, if `Prefer` asked for it." };

interface Waiting {
  readonly query: { readonly wait?: number };
  readonly headers: z.output<typeof waitHeaders>;
}

/**
 * Milliseconds the caller is ready to wait, by the query or else by a `Prefer` header, of which the answer then says what
 * was made of it.
 */
export function waitingTime({ query, headers }: Waiting, response: Response): number {
  if (query.wait !== undefined) return query.wait * 1000;
  const { wait } = readPreferences(headers.prefer);
  if (wait === undefined) return 0;
  const applied = Math.min(wait, longestWait);
  response.set("Preference-Applied", `wait=${applied}`);
  return applied * 1000;
}
