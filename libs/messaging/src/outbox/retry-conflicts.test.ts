import { expect, test } from "vitest";
import { ConcurrencyConflictError, OutboxAheadError, retryConflicts } from "../index.ts";

test("a conflict makes it load and decide again, and commit on what it loaded", async () => {
  let state = 0;
  const committed: number[] = [];
  const result = await retryConflicts(
    async () => state,
    (loaded) => loaded + 10,
    async (decision, loaded) => {
      if (loaded < 2) {
        state += 1;
        throw new ConcurrencyConflictError("note#1", loaded);
      }
      committed.push(decision);
      return "done";
    },
  );
  expect([result, committed]).toEqual(["done", [12]]);
});

test("another error is passed on at once, a conflict that stays after the last attempt", async () => {
  let loads = 0;
  const failing = (error: Error) =>
    retryConflicts(
      async () => ++loads,
      () => 0,
      () => Promise.reject(error),
      { attempts: 3 },
    );
  await expect(failing(new Error("other"))).rejects.toThrow("other");
  expect(loads).toBe(1);
  await expect(failing(new OutboxAheadError("note#1", 1))).rejects.toThrow(OutboxAheadError);
  expect(loads).toBe(2);
  await expect(failing(new ConcurrencyConflictError("note#1", 1))).rejects.toThrow(ConcurrencyConflictError);
  expect(loads).toBe(5);
});
