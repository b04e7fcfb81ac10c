import { z } from "zod";
import type { Bar } from "./bar.ts";
import type { Ticket } from "./ticket.ts";
import { doneLane, leasedLane, waitingLane } from "./ticket-row.ts";
import type { Page, TicketStore } from "./ticket-store.ts";

export interface TicketQuery {
  /** Not given: what is open, the held before the waiting. What is done: of the last 24 hours, the latest first. */
  readonly status?: Ticket["status"];
  readonly limit: number;
  readonly cursor?: string;
}

export interface TicketPage {
  readonly tickets: readonly Ticket[];
  readonly next?: string;
}

/** Nobody stands at a bar longer than this for a coffee that is ready. */
const hoursOfDone = 24;

interface Lane {
  readonly name: string;
  read(cut: { limit: number; after?: Record<string, unknown> }): Promise<Page>;
}

const cursorParts = z.tuple([z.string(), z.string().min(1).max(200), z.string().min(1).max(200)]);

/** Reads tickets page by page. A page may be behind the table by the moment that its index is. */
export class ListTickets {
  readonly #store: TicketStore;
  readonly #bar: Bar;

  constructor(store: TicketStore, bar: Bar) {
    this.#store = store;
    this.#bar = bar;
  }

  /** `bad cursor`: it is none of ours, or of what is not listed any more. */
  async list({ status, limit, cursor }: TicketQuery): Promise<TicketPage | "bad cursor"> {
    const lanes = this.#lanes(status);
    const start = cursor === undefined ? { lane: 0 } : startOf(lanes, cursor);
    if (start === undefined) return "bad cursor";
    const tickets: Ticket[] = [];
    let { after }: { after?: Record<string, unknown> } = start;
    for (const lane of lanes.slice(start.lane)) {
      do {
        const page = await lane.read({ limit: limit - tickets.length, ...(after === undefined ? {} : { after }) });
        tickets.push(...page.tickets.filter((ticket) => status === undefined || ticket.status === status));
        after = page.next;
        if (tickets.length >= limit) return { tickets, ...nextOf(lanes, lane, after) };
      } while (after !== undefined);
    }
    return { tickets };
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

/** Where the next page begins: after this ticket of the lane, or with the lane that follows. */
function nextOf(lanes: readonly Lane[], lane: Lane, after: Record<string, unknown> | undefined): { next?: string } {
  if (after !== undefined) return { next: encoded([lane.name, String(after.place), String(after.id)]) };
  const following = lanes[lanes.indexOf(lane) + 1];
  return following === undefined ? {} : { next: encoded([following.name, " ", " "]) };
}

function startOf(
  lanes: readonly Lane[],
  cursor: string,
): { lane: number; after?: Record<string, unknown> } | undefined {
  const [name, place, id] = decoded(cursor) ?? [];
  const lane = lanes.findIndex((each) => each.name === name);
  if (lane < 0) return undefined;
  return place === " " ? { lane } : { lane, after: { lane: name, place, id } };
}

const encoded = (parts: z.infer<typeof cursorParts>): string =>
  Buffer.from(JSON.stringify(parts)).toString("base64url");

function decoded(cursor: string): z.infer<typeof cursorParts> | undefined {
  try {
    return cursorParts.safeParse(JSON.parse(Buffer.from(cursor, "base64url").toString())).data;
  } catch {
    return undefined;
  }
}
