import { describe, expect, test } from "vitest";
import type { QueuedTicket } from "../ticket/ticket.ts";
import type { Page } from "../ticket/ticket-store.ts";
import { WaitingTickets, type WaitingTicketsOptions } from "./waiting-tickets.ts";

const ticket = (id: string): QueuedTicket => ({
  id,
  bar: "bar",
  items: [{ sku: "americano", quantity: 1 }],
  turn: 1,
  placedAt: "2026-01-31T08:00:00.000Z",
  queuedAt: "2026-01-31T08:00:00.000Z",
  correlationId: id,
  version: 1,
  status: "QUEUED",
});

const lineReading = (readPage: WaitingTicketsOptions["readPage"], choose?: WaitingTicketsOptions["choose"]) =>
  new WaitingTickets({ readPage, readHinted: async () => [], ...(choose && { choose }) });

/** A line of these tickets, two to a page, and how often it was read. */
function lineOf(ids: string[]) {
  const reads: number[] = [];
  const line = lineReading(async (after): Promise<Page> => {
    const start = Number(after?.start ?? 0);
    reads.push(start);
    const tickets = ids.slice(start, start + 2).map(ticket);
    return start + 2 < ids.length ? { tickets, next: { start: start + 2 } } : { tickets };
  });
  const take = async (takers: number) => {
    const taken = await Promise.all(Array.from({ length: takers }, () => line.next(here)));
    return taken.map((each) => each?.id);
  };
  return { line, reads, take };
}

const here = new AbortController().signal;

describe("a ticket line", () => {
  test("gives each barista another ticket, in order", async () => {
    const { take } = lineOf(["a", "b", "c", "d", "e"]);
    expect(await take(7)).toEqual(["a", "b", "c", "d", "e", undefined, undefined]);
  });

  test("reads each page once, and only when a barista needs it", async () => {
    const { take, reads } = lineOf(["a", "b", "c", "d", "e"]);
    await take(1);
    await take(1);
    expect(reads).toEqual([0]);
    await take(2);
    expect(reads).toEqual([0, 2]);
  });

  test("gives the ticket of a barista that has gone to the next one", async () => {
    const { line } = lineOf(["a"]);
    const leaving = new AbortController();
    const taken = [line.next(leaving.signal), line.next(here)];
    leaving.abort();
    expect((await Promise.all(taken)).map((each) => each?.id)).toEqual([undefined, "a"]);
  });

  test("that is empty is read once", async () => {
    const { take, reads } = lineOf([]);
    expect(await take(3)).toEqual([undefined, undefined, undefined]);
    expect(await take(1)).toEqual([undefined]);
    expect(reads).toEqual([0]);
  });

  test("passes over a page with nothing on it", async () => {
    const pages: Page[] = [{ tickets: [], next: { page: 1 } }, { tickets: [ticket("a")] }];
    const line = lineReading(async (after) => pages[Number(after?.page ?? 0)] ?? { tickets: [] });
    expect((await line.next(here))?.id).toBe("a");
  });
});

describe("a ticket line, beyond its pages", () => {
  test("that cannot be read fails the baristas that wait for it, and is read again for later ones", async () => {
    let reads = 0;
    const line = lineReading(async () => {
      reads += 1;
      if (reads === 1) throw new Error("down");
      return { tickets: [ticket("a")] };
    });
    const asked = await Promise.allSettled([line.next(here), line.next(here)]);
    expect(asked.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    expect((await line.next(here))?.id).toBe("a");
  });

  test("reads hinted tickets once, at its end, and hands out none twice", async () => {
    let reads = 0;
    const line = new WaitingTickets({
      readPage: async () => ({ tickets: [ticket("a")] }),
      readHinted: async () => {
        reads += 1;
        return [ticket("a"), ticket("b")];
      },
    });
    const taken = [await line.next(here), await line.next(here), await line.next(here)];
    expect(taken.map((each) => each?.id)).toEqual(["a", "b", undefined]);
    expect(reads).toBe(1);
  });

  test("hands out the ticket that is chosen among those read, and then the one put back", async () => {
    const counts: number[] = [];
    const choices = [2, 0];
    const choose = (count: number) => {
      counts.push(count);
      return choices.shift() ?? 0;
    };
    const line = lineReading(async () => ({ tickets: ["a", "b", "c"].map(ticket) }), choose);
    const third = await line.next(here);
    expect(third?.id).toBe("c");
    if (third) line.putBack(third);
    expect((await line.next(here))?.id).toBe("c");
    expect(counts).toEqual([3, 3]);
  });
});
