import { readPreferences } from "./prefer.ts";

/** Seconds. Who wants to wait longer for less than "as long as it takes" asks again. */
const longestWait = 600;

/** How long a caller is ready to wait for the result. */
export interface Patience {
  /** Milliseconds; undefined when they said nothing. */
  readonly within: number | undefined;
  /** What of their preferences is followed. */
  readonly preferences: readonly string[];
}

/** By a `Prefer` header: `wait=N` waits up to N seconds, `respond-async` alone does not wait. */
export function patience(prefer: string | undefined): Patience {
  const { wait, respondAsync } = readPreferences(prefer);
  const preferences = respondAsync ? ["respond-async"] : [];
  if (wait === undefined) return { within: respondAsync ? 0 : undefined, preferences };
  const seconds = Math.min(wait, longestWait);
  return { within: seconds * 1_000, preferences: [...preferences, `wait=${seconds}`] };
}

/** For the document. */
export const appliedHeader = { "Preference-Applied": "What of `Prefer` was followed." };

/** The header that says what of `Prefer` was followed. */
export function applied({ preferences }: Patience): Record<string, string> {
  return preferences.length === 0 ? {} : { "Preference-Applied": preferences.join(", ") };
}
