import { preferenceApplied, waitPreference } from "@doubleshot/service-kit";
import type { Response } from "express";
import { z } from "zod";

/** Many proxies end a connection that has been without an answer for this time. */
const maxWaitSeconds = 60;

export const waitQuery = {
  wait: z.coerce
    .number("it must be a number of seconds")
    .int()
    .min(0)
    .max(maxWaitSeconds)
    .exactOptional()
    .describe(
      `Seconds to wait for an order when there is none, at most ${maxWaitSeconds}. \`Prefer: wait=N\` means the same.`,
    ),
};

export const waitHeaders = z.object({
  prefer: z
    .string()
    .exactOptional()
    .describe(
      `\`wait=N\`: the same as the query's \`wait\`, which counts if both are given; more than ${maxWaitSeconds} is ${maxWaitSeconds}.`,
    ),
});

/** For the document. */
export const waitApplied = { "Preference-Applied": "The wait that the service applied, if `Prefer` asked for one." };

interface WaitInput {
  readonly query: { readonly wait?: number };
  readonly headers: z.output<typeof waitHeaders>;
}

/** Reads the wait from the query, or else from `Prefer`; then the answer gets its `Preference-Applied`. */
export function readWaitMs({ query, headers }: WaitInput, response: Response): number {
  if (query.wait !== undefined) return query.wait * 1000;
  const preference = waitPreference(headers.prefer, { maxSeconds: maxWaitSeconds });
  response.set(preferenceApplied(preference));
  return preference.waitMs ?? 0;
}
