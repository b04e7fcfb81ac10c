import { readPreferences } from "./prefer.ts";

/** The time for which a caller is ready to wait, by its `Prefer` header. */
export interface WaitPreference {
  /** Undefined if the caller states no preference. */
  readonly waitMs: number | undefined;
  /** The preferences that the service follows. */
  readonly applied: readonly string[];
}

export interface WaitPreferenceOptions {
  /** Longer waits are cut to this. */
  readonly maxSeconds: number;
  /** Whether `respond-async` is followed: the caller does not wait. Default false. */
  readonly respondAsync?: boolean;
}

/** Reads a `Prefer` header: `wait=N` waits up to N seconds; `respond-async` alone, where it is followed, does not wait. */
export function waitPreference(
  prefer: string | undefined,
  { maxSeconds, respondAsync: isFollowed = false }: WaitPreferenceOptions,
): WaitPreference {
  const { wait, respondAsync } = readPreferences(prefer);
  const applied = isFollowed && respondAsync ? ["respond-async"] : [];
  if (wait === undefined) return { waitMs: applied.length > 0 ? 0 : undefined, applied };
  const seconds = Math.min(wait, maxSeconds);
  return { waitMs: seconds * 1_000, applied: [...applied, `wait=${seconds}`] };
}

/** The `Preference-Applied` header of the answer, if any preference is followed. */
export function preferenceApplied({ applied }: WaitPreference): Record<string, string> {
  return applied.length === 0 ? {} : { "Preference-Applied": applied.join(", ") };
}

/** The same header, for the document. */
export const preferenceAppliedHeader = { "Preference-Applied": "The part of `Prefer` that is followed." };
