import { expect, test } from "vitest";
import { preferenceApplied, waitPreference } from "./wait-preference.ts";

test.each([
  [undefined, { waitMs: undefined, applied: [] }],
  ["return=minimal", { waitMs: undefined, applied: [] }],
  ["respond-async", { waitMs: 0, applied: ["respond-async"] }],
  ["wait=5", { waitMs: 5_000, applied: ["wait=5"] }],
  ["respond-async, wait=5", { waitMs: 5_000, applied: ["respond-async", "wait=5"] }],
  ["wait=86400", { waitMs: 600_000, applied: ["wait=600"] }],
])("Prefer: %s", (prefer, expected) =>
  expect(waitPreference(prefer, { maxSeconds: 600, respondAsync: true })).toEqual(expected),
);

test.each([
  [undefined, {}],
  ["respond-async", {}],
  ["respond-async, wait=90", { "Preference-Applied": "wait=60" }],
])("where respond-async is not followed, the answer to Prefer: %s does not name it", (prefer, headers) => {
  expect(preferenceApplied(waitPreference(prefer, { maxSeconds: 60 }))).toEqual(headers);
});
