import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { delivered, ParcelTable, underWay, waitersFor } from "./parcel-table.fixture.ts";
import type { Waiters } from "./waiters.ts";

let table: ParcelTable;
beforeEach(() => {
  table = new ParcelTable();
});

describe("a wait", () => {
  test("is answered by the record in its final state, and by no other", async () => {
    const waiters = waitersFor(table);
    const [ada, bob] = [waiters.wait("ada"), waiters.wait("bob")];
    waiters.observe(underWay("ada"));
    waiters.observe(delivered("bob"));
    expect(await bob.ended).toEqual({ outcome: "answered", record: delivered("bob") });
    expect(waiters.size).toBe(1);
    waiters.observe(delivered("ada"));
    expect(await ada.ended).toEqual({ outcome: "answered", record: delivered("ada") });
    expect(waiters.size).toBe(0);
  });

  test("is answered by the state that it asks for", async () => {
    const waiters = waitersFor(table);
    const second = waiters.wait("ada", { until: ({ version }) => version >= 2 });
    waiters.observe(underWay("ada", 1));
    waiters.observe(underWay("ada", 2));
    expect(await second.ended).toEqual({ outcome: "answered", record: underWay("ada", 2) });
  });

  test("is not answered by a state older than one observed before", async () => {
    const waiters = waitersFor(table);
    waiters.wait("ada");
    waiters.observe(underWay("ada", 3));
    const late = waiters.wait("ada", { until: ({ isDelivered }) => !isDelivered });
    waiters.observe(underWay("ada", 2));
    waiters.observe(underWay("ada", 4));
    expect(await late.ended).toMatchObject({ record: { version: 4 } });
  });

  test("reports how long it took", async () => {
    const took: number[] = [];
    const waiters = waitersFor(table, { onAnswered: (seconds) => void took.push(seconds) });
    waiters.wait("ada");
    waiters.wait("ada").leave();
    waiters.observe(delivered("ada"));
    expect(took).toEqual([expect.any(Number)]);
  });

  test("shares its record with others, and ends without them", async () => {
    const waiters = waitersFor(table);
    const [first, second] = [waiters.wait("ada"), waiters.wait("ada")];
    first.leave();
    waiters.observe(delivered("ada"));
    expect(await first.ended).toEqual({ outcome: "left" });
    expect(await second.ended).toMatchObject({ outcome: "answered" });
  });

  test("that was left earlier does not disturb a later one for the same record", async () => {
    const waiters = waitersFor(table);
    const early = waiters.wait("ada");
    early.leave();
    const late = waiters.wait("ada");
    early.leave();
    early.crowdOut();
    waiters.observe(delivered("ada"));
    expect(await late.ended).toMatchObject({ outcome: "answered" });
  });

  test("ends when its place is taken", async () => {
    const waiters = waitersFor(table);
    const wait = waiters.wait("ada");
    wait.crowdOut();
    expect(await wait.ended).toEqual({ outcome: "crowded-out" });
    expect(waiters.size).toBe(0);
  });

  test.each<[string, (waiters: Waiters<never>, gone: AbortController) => Promise<unknown>]>([
    [
      "during the wait",
      (waiters, gone) => {
        const { ended } = waiters.wait("ada", { gone: gone.signal });
        gone.abort();
        return ended;
      },
    ],
    [
      "before the wait",
      (waiters, gone) => {
        gone.abort();
        return waiters.wait("ada", { gone: gone.signal }).ended;
      },
    ],
  ])("ends when its caller has gone %s", async (_, wait) => {
    const waiters = waitersFor(table);
    expect(await wait(waiters as unknown as Waiters<never>, new AbortController())).toEqual({ outcome: "left" });
    expect(waiters.size).toBe(0);
  });

  test("ends when the process drains, and one that starts then ends at once", async () => {
    const waiters = waitersFor(table, { sweeps: true });
    const before = waiters.wait("ada");
    waiters.drain();
    expect(await before.ended).toEqual({ outcome: "draining" });
    expect(await waiters.wait("bob").ended).toEqual({ outcome: "draining" });
    expect(waiters.size).toBe(0);
  });

  describe("with a time limit", () => {
    beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] }));
    afterEach(() => void vi.useRealTimers());

    test("ends at its limit", async () => {
      const wait = waitersFor(table).wait("ada", { timeoutMs: 5_000 });
      await vi.advanceTimersByTimeAsync(5_000);
      expect(await wait.ended).toEqual({ outcome: "timed-out" });
    });

    test("leaves neither timer nor listener behind when it ends earlier", async () => {
      const waiters = waitersFor(table);
      const gone = new AbortController();
      const removed = vi.spyOn(gone.signal, "removeEventListener");
      waiters.wait("ada", { timeoutMs: 5_000, gone: gone.signal });
      expect(vi.getTimerCount()).toBe(1);
      waiters.observe(delivered("ada"));
      expect(vi.getTimerCount()).toBe(0);
      expect(removed).toHaveBeenCalledOnce();
    });
  });
});

describe("a read", () => {
  test("is of records that are awaited here", async () => {
    const waiters = waitersFor(table);
    table.put(delivered("ada"));
    const ada = waiters.wait("ada");
    await waiters.read(["elsewhere"]);
    await waiters.read(["elsewhere", "ada"]);
    expect(table.reads).toEqual([["ada"]]);
    expect(await ada.ended).toMatchObject({ outcome: "answered" });
  });

  test("that finds nothing yet, or nothing final, ends no wait", async () => {
    const waiters = waitersFor(table);
    table.put(underWay("bob"));
    waiters.wait("ada");
    waiters.wait("bob");
    await waiters.read(["ada", "bob"]);
    expect(waiters.size).toBe(2);
  });

  test("that does not find a record observed before ends its waits: the row is gone", async () => {
    const waiters = waitersFor(table);
    const [ada, again, bob] = [waiters.wait("ada"), waiters.wait("ada"), waiters.wait("bob")];
    waiters.observe(underWay("ada"));
    waiters.observe(underWay("bob"));
    table.put(underWay("bob", 2));
    await waiters.read(["ada", "bob"]);
    expect([await ada.ended, await again.ended]).toEqual([{ outcome: "removed" }, { outcome: "removed" }]);
    expect(waiters.size).toBe(1);
    waiters.observe(delivered("bob", 3));
    expect(await bob.ended).toMatchObject({ outcome: "answered" });
  });

  test("that began before the record was there, and does not find it, ends no wait", async () => {
    const waiters = waitersFor(table);
    waiters.wait("ada");
    const reading = waiters.read(["ada"]);
    waiters.observe(underWay("ada"));
    await reading;
    expect(waiters.size).toBe(1);
  });

  test("of many records answers each hundred at once, whatever becomes of the next", async () => {
    const waiters = waitersFor({
      read: (ids) => {
        if (table.reads.length === 2) table.failure = new Error("the table is unavailable");
        return table.read(ids);
      },
    });
    const ids = Array.from({ length: 250 }, (_, index) => `parcel-${index}`);
    table.put(...ids.map((id) => delivered(id)));
    for (const id of ids) waiters.wait(id);
    await waiters.read(ids);
    expect(table.reads.map(({ length }) => length)).toEqual([100, 100, 50]);
    expect(waiters.size).toBe(50);
  });

  test("that fails throws nothing", async () => {
    const waiters = waitersFor(table);
    table.failure = new Error("the table is unavailable");
    waiters.wait("ada");
    await waiters.read(["ada"]);
    expect(waiters.size).toBe(1);
  });
});
