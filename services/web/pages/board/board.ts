import { type Connection, readEvents } from "../shared/events/event-stream.ts";
import type { Failure } from "../shared/shop-api.ts";
import type { FinishedTicket, QueuedTicket, StartedTicket, Ticket } from "./ticket.ts";

/** Milliseconds for which a finished coffee stands on the board. */
const readyMs = 10 * 60_000;

export interface BoardView {
  readonly connection: Connection;
  /** Why the shop does not show the board to this page: the token is missing, is not valid or lacks the role. */
  readonly refusal: Failure | undefined;
  /** Whether the whole board has been read once. */
  readonly isComplete: boolean;
  /** In the order in which baristas will take them. */
  readonly waiting: readonly QueuedTicket[];
  /** The one that was started first is first. */
  readonly brewing: readonly StartedTicket[];
  /** The latest first. */
  readonly ready: readonly FinishedTicket[];
  /** Now, by the shop's clock; the device's may differ. */
  readonly now: number;
}

export interface BoardOptions {
  readonly onChange: (view: BoardView) => void;
  /** Whether the stream stays open while the page is hidden, for a notification or a sound. */
  readonly staysOpenHidden: () => boolean;
  readonly signal: AbortSignal;
}

/**
 * The tickets of the bar, read from its stream until the signal fires. It holds what the bar's board holds and forgets a
 * coffee ten minutes after it was finished, so a screen may run for days. Several changes that come together are shown
 * once.
 */
export class Board {
  #tickets = new Map<string, Ticket>();
  /** The tickets of a board that is sent as a whole, until the last one has come. The page shows the former board meanwhile. */
  #collected: Map<string, Ticket> | undefined;
  readonly #options: BoardOptions;
  #connection: Connection = "connecting";
  #refusal: Failure | undefined;
  #isComplete = false;
  #clockAheadMs = 0;
  #isShowScheduled = false;

  constructor(options: BoardOptions) {
    this.#options = options;
    const second = setInterval(() => this.#show(), 1_000);
    options.signal.addEventListener("abort", () => clearInterval(second), { once: true });
    this.#read().catch(() => undefined);
  }

  async #read(): Promise<void> {
    const { staysOpenHidden, signal } = this.#options;
    // Resolves on a refusal, or at the signal; `useBoard` opens a new Board after a sign-in.
    this.#refusal = await readEvents({
      path: "/events",
      on: {
        reset: () => this.#reset(),
        ticket: (ticket) => this.#put(ticket as Ticket),
        current: (data, id) => this.#complete(data, id),
      },
      onConnection: (connection) => this.#connect(connection),
      staysOpenHidden,
      signal,
    });
    this.#show();
  }

  #reset(): void {
    this.#collected = new Map();
  }

  #put(ticket: Ticket): void {
    const tickets = this.#collected ?? this.#tickets;
    const known = tickets.get(ticket.order_id);
    if (known !== undefined && known.version >= ticket.version) return;
    tickets.set(ticket.order_id, ticket);
    if (this.#isComplete) this.#show();
  }

  /** `id` is the instant of the shop up to which the board is complete. A bar of an older version sends no time beside it. */
  #complete(data: unknown, id: string): void {
    const { now = id } = data as { readonly now?: string };
    const instant = Date.parse(now);
    if (!Number.isNaN(instant)) this.#clockAheadMs = instant - Date.now();
    this.#isComplete = true;
    this.#tickets = this.#collected ?? this.#tickets;
    this.#collected = undefined;
    this.#show();
  }

  #connect(connection: Connection): void {
    this.#connection = connection;
    this.#show();
  }

  #show(): void {
    if (this.#isShowScheduled) return;
    this.#isShowScheduled = true;
    // Not requestAnimationFrame: it does not run in hidden pages.
    setTimeout(() => {
      this.#isShowScheduled = false;
      const { onChange, signal } = this.#options;
      if (!signal.aborted) onChange(this.#view());
    }, 16);
  }

  #view(): BoardView {
    const now = Date.now() + this.#clockAheadMs;
    for (const [id, ticket] of this.#tickets) if (isGone(ticket, now)) this.#tickets.delete(id);
    const tickets = [...this.#tickets.values()];
    return {
      connection: this.#connection,
      refusal: this.#refusal,
      isComplete: this.#isComplete,
      waiting: tickets.filter((ticket) => ticket.status === "QUEUED").sort(byTurn),
      brewing: tickets
        .filter((ticket) => ticket.status === "STARTED")
        .sort((one, other) => compare(one.started_at, other.started_at)),
      ready: tickets
        .filter((ticket) => ticket.status === "FINISHED")
        .sort((one, other) => compare(other.finished_at, one.finished_at)),
      now,
    };
  }
}

/** A cancelled ticket stays for as long, so that an older version of it that comes late is known as older. */
function isGone(ticket: Ticket, now: number): boolean {
  if (ticket.status === "FINISHED") return Date.parse(ticket.finished_at) < now - readyMs;
  return ticket.status === "VOIDED" && Date.parse(ticket.voided_at) < now - readyMs;
}

const byTurn = (one: QueuedTicket, other: QueuedTicket) =>
  one.turn - other.turn || compare(one.placed_at, other.placed_at) || compare(one.order_id, other.order_id);

/** Instants in UTC, as the shop writes them, sort as texts. */
const compare = (one: string, other: string) => (one < other ? -1 : one > other ? 1 : 0);
