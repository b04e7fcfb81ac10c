import type { Ticket } from "../ticket/ticket.ts";
import type { Page, TicketStore } from "../ticket/ticket-store.ts";

/** Tickets in a query: about 100 KB. DynamoDB ends a page at 1 MB. */
const pageSize = 250;

const hourMs = 60 * 60 * 1000;

/**
 * Reads all tickets of the board: waiting, held, and done since `from`. The lanes are read in the order in which tickets
 * move, so a ticket that moves on meanwhile is found twice. One that goes back to the line meanwhile may be missed until the
 * next read.
 */
export async function readBoard(store: TicketStore, bar: string, { from, now }: { from: Date; now: Date }) {
  const tickets = await wholeLane((cut) => store.waiting(bar, cut));
  tickets.push(...(await wholeLane((cut) => store.leased(bar, cut))));
  for (const at of hoursOf(from, now))
    tickets.push(...(await wholeLane((cut) => store.done(bar, at, { ...cut, from }))));
  return tickets;
}

/** Reads all pages of a lane. */
export async function wholeLane(
  read: (cut: { limit: number; after?: Record<string, unknown> }) => Promise<Page>,
): Promise<Ticket[]> {
  const tickets: Ticket[] = [];
  let after: Record<string, unknown> | undefined;
  do {
    const page = await read({ limit: pageSize, ...(after === undefined ? {} : { after }) });
    tickets.push(...page.tickets);
    after = page.next;
  } while (after !== undefined);
  return tickets;
}

/** An instant of each hour from one to the other, the earliest first. */
function hoursOf(from: Date, to: Date): Date[] {
  const hours: Date[] = [];
  for (let at = Math.floor(from.getTime() / hourMs) * hourMs; at <= to.getTime(); at += hourMs)
    hours.push(new Date(at));
  return hours;
}
