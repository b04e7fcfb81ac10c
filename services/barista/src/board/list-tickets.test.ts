import { expect, test } from "vitest";
import type { FinishedTicket, Ticket } from "../ticket/ticket.ts";
import { rowOf } from "../ticket/ticket-row.ts";
import type { Page, TicketStore } from "../ticket/ticket-store.ts";
import { ListTickets } from "./list-tickets.ts";

const now = new Date("2026-01-31T08:30:00.000Z");
const bar = { name: "bar", leaseSeconds: 10, now: () => now };

function finished(number: number): FinishedTicket {
  const at = new Date(now.getTime() - number).toISOString();
  const times = { placedAt: at, queuedAt: at, startedAt: at, finishedAt: at };
  const id = `ticket-${String(number).padStart(9, "0")}`;
  return { id, bar: "bar", items: [], turn: 1, correlationId: id, version: 3, status: "FINISHED", ...times };
}

function voided(number: number): Ticket {
  const { id, correlationId, version, finishedAt } = finished(number);
  return { id, bar: "bar", correlationId, version, status: "VOIDED", voidedAt: finishedAt };
}

/** A bar where all this was done, the latest first, within this hour. It counts the queries and the tickets that they read. */
function listOf(done: readonly Ticket[]) {
  const read = { queries: 0, tickets: 0 };
  const lane = (tickets: readonly Ticket[], { limit, after }: Parameters<TicketStore["waiting"]>[1]): Page => {
    const from = after === undefined ? 0 : tickets.findIndex(({ id }) => id === after.id) + 1;
    const page = tickets.slice(from, from + limit);
    read.queries += 1;
    read.tickets += page.length;
    const last = page.length === limit ? page.at(-1) : undefined;
    if (last === undefined) return { tickets: page };
    return { tickets: page, next: { lane: rowOf(last).lane, place: rowOf(last).place, id: last.id } };
  };
  const store = {
    done: async (_bar: string, at: Date, cut: { limit: number }) =>
      lane(at.getTime() === now.getTime() ? done : [], cut),
  } as Partial<TicketStore> as TicketStore;
  return { lists: new ListTickets(store, bar), read };
}

async function allPages(lists: ListTickets, status: Ticket["status"], limit: number) {
  const ids: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await lists.list({ status, limit, ...(cursor === undefined ? {} : { cursor }) });
    if (page === "bad-cursor") throw new Error("the list does not take its own cursor");
    expect(page.tickets.length).toBeLessThanOrEqual(limit);
    ids.push(...page.tickets.map(({ id }) => id));
    cursor = page.next;
  } while (cursor !== undefined);
  return ids;
}

test("a page of a rare status reads no more among ten times as many other tickets", async () => {
  const costs: { queries: number; tickets: number }[] = [];
  for (const others of [10_000, 100_000]) {
    const { lists, read } = listOf(Array.from({ length: others }, (_, number) => finished(number)));
    expect(await lists.list({ status: "VOIDED", limit: 5 })).toMatchObject({ tickets: [], next: expect.any(String) });
    costs.push(read);
  }
  expect(costs[1]).toEqual(costs[0]);
  expect(costs[0]?.queries).toBeLessThanOrEqual(28);
});

test("a page of an empty day is the last, and costs a query an hour", async () => {
  const { lists, read } = listOf([]);
  expect(await lists.list({ status: "FINISHED", limit: 50 })).toEqual({ tickets: [] });
  expect(read.queries).toBe(25);
});

test.each([1, 7, 250])(
  "its pages of %i give each ticket once, also those that a query has read ahead",
  async (limit) => {
    const done = Array.from({ length: 5_000 }, (_, number) => (number % 30 === 0 ? voided(number) : finished(number)));
    const { lists } = listOf(done);
    const ids = (status: string) => done.filter((ticket) => ticket.status === status).map(({ id }) => id);
    expect(await allPages(lists, "VOIDED", limit)).toEqual(ids("VOIDED"));
    expect(await allPages(lists, "FINISHED", limit)).toEqual(ids("FINISHED"));
  },
);
