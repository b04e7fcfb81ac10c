import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { delivered, type Parcel, ParcelTable, waitersFor } from "./parcel-table.fixture.ts";

let table: ParcelTable;
beforeEach(() => {
  table = new ParcelTable();
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
});
afterEach(() => void vi.useRealTimers());

const failure = new Error("the table is unavailable");

test("finds a change without a hint", async () => {
  const wait = waitersFor(table, { sweeps: true }).wait("ada");
  await vi.advanceTimersByTimeAsync(1_000);
  table.put(delivered("ada"));
  await vi.advanceTimersByTimeAsync(2_000);
  expect(await wait.ended).toMatchObject({ outcome: "answered" });
});

test("reads less often the longer a record is awaited, and not at all without waiters", async () => {
  const wait = waitersFor(table, { sweeps: true }).wait("ada");
  await vi.advanceTimersByTimeAsync(10_000);
  const early = table.reads.length;
  expect(early).toBeGreaterThanOrEqual(5);
  expect(early).toBeLessThanOrEqual(16);
  await vi.advanceTimersByTimeAsync(600_000);
  const late = table.reads.length - early;
  expect(late).toBeGreaterThanOrEqual(90);
  expect(late).toBeLessThanOrEqual(170);
  wait.leave();
  expect(vi.getTimerCount()).toBe(0);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(table.reads.length).toBe(early + late);
});

test("outlives a table that fails", async () => {
  table.failure = failure;
  const wait = waitersFor(table, { sweeps: true }).wait("ada");
  await vi.advanceTimersByTimeAsync(10_000);
  expect(table.reads.length).toBeGreaterThan(1);
  table.failure = undefined;
  table.put(delivered("ada"));
  await vi.advanceTimersByTimeAsync(1_500);
  expect(await wait.ended).toMatchObject({ outcome: "answered" });
});

test("repeats soon a read that failed, so that the change of a hint is not as late as the next regular read", async () => {
  const waiters = waitersFor(table, { sweeps: true });
  const wait = waiters.wait("ada");
  await vi.advanceTimersByTimeAsync(60_000);
  const reads = table.reads.length;
  while (table.reads.length === reads) await vi.advanceTimersByTimeAsync(100);
  table.put(delivered("ada"));
  table.failure = failure;
  await waiters.read(["ada"]);
  table.failure = undefined;
  // The next regular read would come after 3.75 s at the earliest.
  await vi.advanceTimersByTimeAsync(1_500);
  expect(waiters.size).toBe(0);
  expect(await wait.ended).toMatchObject({ outcome: "answered" });
});

test("starts again after the last waiter has left", async () => {
  const waiters = waitersFor(table, { sweeps: true });
  waiters.wait("ada").leave();
  const wait = waiters.wait("bob");
  table.put(delivered("bob"));
  await vi.advanceTimersByTimeAsync(1_000);
  expect(await wait.ended).toMatchObject({ outcome: "answered" });
  expect(vi.getTimerCount()).toBe(0);
});

test("runs once, also when the last waiter leaves and another comes during a read", async () => {
  const reading = Promise.withResolvers<void>();
  const answer = Promise.withResolvers<Parcel[]>();
  const waiters = waitersFor(
    {
      read: () => {
        reading.resolve();
        return answer.promise;
      },
    },
    { sweeps: true },
  );
  const ada = waiters.wait("ada");
  await vi.advanceTimersByTimeAsync(1_000);
  await reading.promise;
  ada.leave();
  waiters.wait("bob");
  answer.resolve([]);
  await vi.advanceTimersByTimeAsync(0);
  expect(vi.getTimerCount()).toBe(1);
  waiters.drain();
  expect(vi.getTimerCount()).toBe(0);
});

test("reads soon, and often from then on, once hints no longer arrive because the instance has another id", async () => {
  let instanceId = "mailbox-1";
  waitersFor(table, { sweeps: true, instanceId: () => instanceId }).wait("ada");
  await vi.advanceTimersByTimeAsync(600_000);
  const seldom = table.reads.length;
  await vi.advanceTimersByTimeAsync(60_000);
  expect(table.reads.length - seldom).toBeLessThanOrEqual(3);
  instanceId = "mailbox-2";
  const before = table.reads.length;
  await vi.advanceTimersByTimeAsync(500);
  expect(table.reads.length).toBe(before + 1);
  // Every 3.75 to 6.25 s, as without hints.
  await vi.advanceTimersByTimeAsync(60_000);
  const often = table.reads.length - before;
  expect(often).toBeGreaterThanOrEqual(9);
  expect(often).toBeLessThanOrEqual(18);
});

test("has one timer for all records", () => {
  const waiters = waitersFor(table, { sweeps: true });
  for (let index = 0; index < 50; index++) waiters.wait(`parcel-${index}`);
  expect(vi.getTimerCount()).toBe(1);
  waiters.drain();
  expect(vi.getTimerCount()).toBe(0);
});

test("can be switched off", () => {
  waitersFor(table).wait("ada");
  expect(vi.getTimerCount()).toBe(0);
});
