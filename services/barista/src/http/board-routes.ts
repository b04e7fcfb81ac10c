import {
  Api,
  callerOf,
  describedEvent,
  EventStream,
  type Place,
  ProblemError,
  SharedPlaces,
  type StreamEvent,
  unknownCursor,
} from "@doubleshot/service-kit";
import type { Response } from "express";
import { z } from "zod";
import type { Board } from "../board/board.ts";
import { type ListTickets, listCursor } from "../board/list-tickets.ts";
import type { Ticket } from "../ticket/ticket.ts";
import { boardTicket, boardTicketJson } from "../ticket/ticket-json.ts";

const listTickets = {
  id: "listTickets",
  method: "get",
  path: "/tickets",
  summary: "The board, page by page",
  access: { barista: "all" },
  query: z.object({
    status: z
      .enum(["QUEUED", "STARTED", "FINISHED", "VOIDED"])
      .exactOptional()
      .describe(
        "Default: all open tickets, claimed ones first. Finished and voided tickets go back 24 hours, the latest first.",
      ),
    limit: z.coerce.number().int().min(1).max(250).default(50).describe("At most 250 a page."),
    cursor: listCursor.exactOptional().describe("From the `Link` of the page before."),
  }),
  answers: {
    200: {
      description:
        "Waiting tickets in the order in which they will be claimed; claimed tickets by the end of their lease.",
      schema: z.object({ tickets: z.array(boardTicketJson) }),
      headers: { Link: 'The next page, `rel="next"`; left out on the last.' },
    },
  },
} as const;

/** The client has seen everything up to this instant: for `Last-Event-ID`. */
const instantId = z.iso.datetime({ precision: 3 });

const followBoard = {
  id: "followBoard",
  method: "get",
  path: "/events",
  summary: "The board, as it changes",
  // The token of a display lasts for months on a machine that anybody may touch: it does nothing else.
  access: { barista: "all", display: "all" },
  description: `Server-sent events. First come the tickets on the board, then each change:

- \`reset\`: drop the tickets that you have. The tickets that follow, up to \`current\`, are the whole board.
- \`anew\`: deprecated. The same as \`reset\`, which comes right before it.
- \`ticket\`: a ticket (\`BoardTicket\`) as it is now. Of two of the same order, the higher \`version\` is the later.
- \`current\`: you have seen everything up to its \`id\`. It comes after the first tickets, and then every few seconds with the time of
  the bar's clock, from which ages and leases count.

With \`Last-Event-ID\` (browsers send it by themselves) the stream goes on from there, here or on another instance, and repeats
tickets that may have been missed. After ten minutes away it begins with \`reset\`.`,
  headers: z.object({ "last-event-id": z.string().exactOptional().describe("The `id` of the event seen last.") }),
  answers: {
    200: {
      description: "Until the client leaves; the schema is that of each event.",
      type: "text/event-stream",
      schema: z.union([
        describedEvent({ name: "reset", data: "Nothing: `{}`." }),
        describedEvent({ name: "anew", data: "Nothing: `{}`. Deprecated: read `reset`." }),
        describedEvent({ name: "ticket", data: "A `BoardTicket`." }).extend({ id: instantId.exactOptional() }),
        describedEvent({ name: "current", data: "`now`: the time of the bar's clock." }).extend({ id: instantId }),
      ]),
    },
  },
  problems: { 503: "Too many clients follow the board at this instance, or it is closing." },
} as const;

/** Streams of the board in a process, shared by its callers. Each costs a socket and the events that its client has not read. */
export const maxStreams = 1_000;

export interface BoardUseCases {
  readonly lists: ListTickets;
  readonly board: Board;
}

/** The board, for screens and apps: a list of tickets, and a stream of their changes. It shows no claim tokens. */
export function boardApi({ lists, board }: BoardUseCases): Api {
  const api = new Api("board");
  const places = new SharedPlaces(maxStreams);

  api.handle(listTickets, async ({ query, request }, response) => {
    const page = await lists.list(query);
    if (page === "bad-cursor") throw unknownCursor();
    if (page.next !== undefined) {
      const next = new URLSearchParams(request.url.split("?")[1]);
      next.set("cursor", page.next);
      response.links({ next: `/tickets?${next}` });
    }
    response.set("Cache-Control", "no-store").json({ tickets: page.tickets.map(boardTicket) });
  });

  api.refuseHead("/events");
  api.handle(followBoard, async ({ headers, request }, response) => {
    const taken = new AbortController();
    const place = places.enter({ caller: callerOf(request).id, onTaken: () => taken.abort() });
    if (place === undefined) {
      throw new ProblemError(
        503,
        "Too many clients follow the board at this instance. Repeat the request after Retry-After seconds.",
        {
          headers: { "Retry-After": "5" },
        },
      );
    }
    await streamBoard(board, instantOf(headers["last-event-id"]), { response, place, taken: taken.signal });
  });

  return api;
}

interface BoardStream {
  readonly response: Response;
  readonly place: Place;
  /** Fires when another caller takes the place. */
  readonly taken: AbortSignal;
}

/**
 * Streams the tickets on the board (the backfill), and then each change. Changes that come while the backfill is written wait
 * in the stream, so none is missed. An id is an instant up to which the client has seen everything, so tickets of the
 * backfill have none: a client that leaves in the middle of it gets all of it again.
 */
async function streamBoard(
  board: Board,
  since: Date | undefined,
  { response, place, taken }: BoardStream,
): Promise<void> {
  const viewing = board.view(since, ({ tickets, isReset, leave }) => {
    const stream = new EventStream(response);
    void stream.closed.then(leave).then(place.leave);
    if (taken.aborted) stream.end();
    else taken.addEventListener("abort", () => stream.end(), { once: true });
    const current = () => stream.send(currentEvent(board));
    void stream.sendAll(backfill(tickets, isReset)).then(current);
    return {
      show: (ticket) => stream.send({ ...ticketEvent(ticket), id: board.asOf.toISOString() }),
      current,
      close: () => stream.end(),
    };
  });
  await viewing.catch((error: unknown) => {
    place.leave();
    throw error;
  });
}

function* backfill(tickets: readonly Ticket[], isReset: boolean): Iterable<StreamEvent> {
  if (isReset) {
    yield { event: "reset", data: {} };
    // Deprecated: clients that were written before `reset` wait for this name.
    yield { event: "anew", data: {} };
  }
  for (const ticket of tickets) yield ticketEvent(ticket);
}

function ticketEvent(ticket: Ticket): StreamEvent {
  return { event: "ticket", data: boardTicket(ticket) };
}

function currentEvent({ asOf, now }: Board): StreamEvent {
  return { event: "current", id: asOf.toISOString(), data: { now: now.toISOString() } };
}

/** Undefined for an id that is not an instant: the board then begins with a reset. */
function instantOf(id: string | undefined): Date | undefined {
  const instant = instantId.safeParse(id);
  return instant.success ? new Date(instant.data) : undefined;
}
