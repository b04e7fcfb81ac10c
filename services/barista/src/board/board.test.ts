import { createLogger } from "@doubleshot/service-kit";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Ticket } from "../ticket/ticket.ts";
import { TicketNotifier } from "../ticket/ticket-notifier.ts";
import type { TicketStore } from "../ticket/ticket-store.ts";
import { Board, type Snapshot } from "./board.ts";

beforeEach(
  () =>
    void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"], now: Date.parse("2026-01-31T08:30:00Z") }),
);
afterEach(() => void vi.useRealTimers());

const minute = 60_000;

/** A ticket that was finished so many milliseconds ago. */
function finished(ago: number): Ticket & { finishedAt: string } {
  const at = new Date(Date.now() - ago).toISOString();
  const times = { placedAt: at, queuedAt: at, startedAt: at, finishedAt: at };
  const id = `ticket-${at}`;
  return { id, bar: "bar", items: [], turn: 1, correlationId: id, version: 3, status: "FINISHED", ...times };
}

/** A board over a table with nothing but these. */
function boardOver(done: (Ticket & { finishedAt: string })[]) {
  const reads = { calls: 0, tickets: 0 };
  const none = async () => {
    reads.calls += 1;
    return { tickets: [] };
  };
  const store = {
    waiting: none,
    leased: none,
    getMany: async () => (await none()).tickets,
    done: async (_bar: string, hour: Date, { from = new Date(0) }: { from?: Date }) => {
      const ofHour = done.filter(({ finishedAt }) => finishedAt.slice(0, 13) === hour.toISOString().slice(0, 13));
      const tickets = ofHour.filter(({ finishedAt }) => finishedAt >= from.toISOString());
      reads.calls += 1;
      reads.tickets += tickets.length;
      return { tickets };
    },
  } as Partial<TicketStore> as TicketStore;
  const bar = { name: "bar", leaseSeconds: 10, now: () => new Date() };
  const notifier = new TicketNotifier();
  const board = new Board({ store, bar, notifier, log: createLogger("barista", "silent") });
  const look = async (): Promise<Snapshot & { shown: Ticket[]; currentAt: string[] }> => {
    const shown: Ticket[] = [];
    const currentAt: string[] = [];
    let seen: Snapshot | undefined;
    await board.view(undefined, (snapshot) => {
      seen = snapshot;
      return {
        show: (ticket) => shown.push(ticket),
        current: () => currentAt.push(board.asOf.toISOString()),
        close: () => undefined,
      };
    });
    if (seen === undefined) throw new Error("the board was not shown");
    return { ...seen, shown, currentAt };
  };
  /** Calls of the table during the work, and the tickets that its queries returned. */
  const readBy = async (work: () => Promise<unknown>) => {
    const before = { ...reads };
    await work();
    return { calls: reads.calls - before.calls, tickets: reads.tickets - before.tickets };
  };
  return { look, readBy, notifier };
}

const aMinutePasses = () => vi.advanceTimersByTimeAsync(minute);

test("the sweep does not read tickets again that were done before, however many there are", async () => {
  const costs: number[] = [];
  for (const count of [100, 1_000]) {
    const { look, readBy } = boardOver(Array.from({ length: count }, (_, index) => finished(minute + index * 400)));
    expect((await look()).tickets).toHaveLength(count);
    costs.push((await readBy(aMinutePasses)).tickets);
  }
  expect(costs).toEqual([0, 0]);
});

test("a ticket that was done since the last read is found by the next, without a hint", async () => {
  const done = [finished(minute)];
  const { look } = boardOver(done);
  const { shown } = await look();
  const late = finished(5_000);
  done.push(late);
  await aMinutePasses();
  expect(shown).toEqual([late]);
});

test("each read of the table gives viewers the time up to which they have seen everything", async () => {
  const { look } = boardOver([]);
  const { currentAt } = await look();
  const start = Date.now();
  await aMinutePasses();
  expect(currentAt.length).toBeGreaterThan(10);
  expect(currentAt).toEqual([...new Set(currentAt)].sort());
  expect(Date.parse(currentAt.at(-1) ?? "")).toBeGreaterThan(start + 50_000);
});

test("reads nothing after the last viewer has left", async () => {
  const { look, readBy, notifier } = boardOver([finished(minute)]);
  const twoMinutesAndAHint = () => {
    notifier.hinted([{ id: "ticket", version: 2, status: "STARTED" }]);
    // Longer than the longest pause of the sweep.
    return vi.advanceTimersByTimeAsync(2 * minute);
  };
  const [first, last] = [await look(), await look()];
  first.leave();
  expect((await readBy(twoMinutesAndAHint)).calls).toBeGreaterThan(1);
  last.leave();
  expect((await readBy(twoMinutesAndAHint)).calls).toBe(0);
});

test("a board that was idle loads all tickets again", async () => {
  const done = [finished(minute), finished(2 * minute)];
  const { look } = boardOver(done);
  (await look()).leave();
  await vi.advanceTimersByTimeAsync(minute);
  expect((await look()).tickets).toHaveLength(2);
});

test("a ticket that was done more than ten minutes ago leaves the board", async () => {
  const { look } = boardOver([finished(5 * minute)]);
  await look();
  await vi.advanceTimersByTimeAsync(7 * minute);
  expect((await look()).tickets).toEqual([]);
});
