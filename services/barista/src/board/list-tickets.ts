import { cursorText, placeIn, toCursor } from "@doubleshot/service-kit";
import { z } from "zod";
import type { BarSettings } from "../bar-settings.ts";
import type { Ticket } from "../ticket/ticket.ts";
import { doneLane, leasedLane, rowOf, waitingLane } from "../ticket/ticket-row.ts";
import type { Page, TicketStore } from "../ticket/ticket-store.ts";

export interface TicketQuery {
  /** Default: open tickets, the held before the waiting. Done tickets are those of the last 24 hours, the latest first. */
  readonly status?: Ticket["status"];
  readonly limit: number;
  readonly cursor?: string;
}

export interface TicketPage {
  readonly tickets: readonly Ticket[];
  readonly next?: string;
}

/** No customer waits longer than this for a coffee that is ready. */
const hoursOfDone = 24;
/** A page costs at most so many queries: one for each lane of done tickets, and a few for those in the other status. */
const maxQueriesPerPage = hoursOfDone + 4;
/** A query of a page that shows only finished, or only voided, tickets reads so many to find some of them. */
const ticketsPerQuery = 100;

interface Lane {
  readonly name: string;
  read(cut: { limit: number; after?: Record<string, unknown> }): Promise<Page>;
}

/** Carries `cursorParts` as JSON. */
export const listCursor = cursorText(/^[\w-]{1,1000}$/);
const cursorParts = z.tuple([z.string(), z.string().min(1).max(200), z.string().min(1).max(200)]);

/**
 * Lists tickets page by page. A page may be behind the table as its index is. The cost of a page is bounded: if few tickets
 * have the status, a page has fewer tickets than `limit`, or none, and `next` still continues the list.
 */
export class ListTickets {
  readonly #store: TicketStore;
  readonly #bar: BarSettings;

  constructor(store: TicketStore, bar: BarSettings) {
    this.#store = store;
    this.#bar = bar;
  }

  /** `bad-cursor`: this service did not make the cursor, or its lane is not listed any more. */
  async list({ status, limit, cursor }: TicketQuery): Promise<TicketPage | "bad-cursor"> {
    const lanes = this.#lanes(status);
    const start = cursor === undefined ? { lane: 0 } : startOf(lanes, cursor);
    if (start === undefined) return "bad-cursor";
    const tickets: Ticket[] = [];
    let { lane: index, after }: Start = start;
    for (let query = 0; query < maxQueriesPerPage; query++) {
      const lane = lanes[index];
      if (lane === undefined || tickets.length >= limit) break;
      const page = await lane.read({ limit: readAhead(status) ?? limit - tickets.length, ...(after && { after }) });
      const found = page.tickets.filter((ticket) => (status ?? ticket.status) === ticket.status);
      const shown = found.slice(0, limit - tickets.length);
      tickets.push(...shown);
      const last = shown.at(-1);
      after = last !== undefined && shown.length < found.length ? placeOf(last) : page.next;
      if (after === undefined) index += 1;
    }
    return { tickets, ...nextOf(lanes[index], after) };
  }

  #lanes(status: Ticket["status"] | undefined): Lane[] {
    const { name } = this.#bar;
    const waiting: Lane = { name: waitingLane(name), read: (cut) => this.#store.waiting(name, cut) };
    const leased: Lane = { name: leasedLane(name), read: (cut) => this.#store.leased(name, cut) };
    if (status === undefined) return [leased, waiting];
    if (status === "QUEUED") return [waiting];
    if (status === "STARTED") return [leased];
    return Array.from({ length: hoursOfDone + 1 }, (_, hours) => {
      const at = new Date(this.#bar.now().getTime() - hours * 60 * 60 * 1000);
      return { name: doneLane(name, at.toISOString()), read: (cut) => this.#store.done(name, at, cut) };
    });
  }
}

/** Finished and voided tickets share their lanes, so a query may find few of the one among many of the other. */
function readAhead(status: Ticket["status"] | undefined): number | undefined {
  return status === "FINISHED" || status === "VOIDED" ? ticketsPerQuery : undefined;
}

/** The start of a page: this lane of the list, or the place after this ticket. */
interface Start {
  readonly lane: number;
  readonly after?: Record<string, unknown> | undefined;
}

function placeOf(ticket: Ticket): Record<string, unknown> {
  const { lane, place } = rowOf(ticket);
  return { lane, place, id: ticket.id };
}

function nextOf(lane: Lane | undefined, after: Record<string, unknown> | undefined): { next?: string } {
  if (lane === undefined) return {};
  return { next: encoded([lane.name, String(after?.place ?? " "), String(after?.id ?? " ")]) };
}

function startOf(lanes: readonly Lane[], cursor: string): Start | undefined {
  const [name, place, id] = decoded(cursor) ?? [];
  const lane = lanes.findIndex((each) => each.name === name);
  if (lane < 0) return undefined;
  return place === " " ? { lane } : { lane, after: { lane: name, place, id } };
}

const encoded = (parts: z.infer<typeof cursorParts>): string => toCursor(JSON.stringify(parts));

function decoded(cursor: string): z.infer<typeof cursorParts> | undefined {
  try {
    return cursorParts.safeParse(JSON.parse(placeIn(cursor))).data;
  } catch {
    return undefined;
  }
}
