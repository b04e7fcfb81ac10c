import { expect, test } from "vitest";
import { uuidv7 } from "./uuidv7.ts";

test("a UUIDv7 has its version, its variant and its time, and no twin", () => {
  const now = Date.parse("2026-01-01T00:00:00.123Z");
  const ids = Array.from({ length: 1000 }, () => uuidv7(now));
  for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(Number.parseInt((ids[0] ?? "").replace("-", "").slice(0, 12), 16)).toBe(now);
  expect(new Set(ids).size).toBe(1000);
  expect(uuidv7(now) < uuidv7(now + 1)).toBe(true);
});
