import { readPreferences } from "@doubleshot/service-kit";
import type { Request, Response } from "express";
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

/**
 * Milliseconds the caller is ready to wait, by the query or else by a `Prefer` header, of which the answer then says what
 * was made of it.
 */
export function waitingTime(query: { readonly wait?: number }, request: Request, response: Response): number {
  if (query.wait !== undefined) return query.wait * 1000;
  const { wait } = readPreferences(request.get("prefer"));
  if (wait === undefined) return 0;
  const applied = Math.min(wait, longestWait);
  response.set("Preference-Applied", `wait=${applied}`);
  return applied * 1000;
}
