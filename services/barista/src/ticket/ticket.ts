import {
  BrewFinished,
  type BrewResult,
  BrewStarted,
  CancelRefused,
  type OrderItem,
  TicketVoided,
} from "@doubleshot/contracts";

/*
 * A ticket is an order as the bar sees it, under the order's id.
 *
 * QUEUED   waits in the line, at the place its turn and age give it. A claim makes it STARTED.
 * STARTED  is held by one barista: by the claim's token, until its lease ends. It becomes FINISHED by whoever brewed
 *          it; it goes back to QUEUED, at its old place, when the lease lapses (the barista may still be brewing, so the
 *          ticket remembers that claim) or when the claim is released (nobody brews, so it remembers nothing). A sign of
 *          life from its barista makes the lease longer.
 * FINISHED is final. Finishing it again by the same claim, or by none, changes nothing and is answered the same.
 * VOIDED   is final, too: the customer took the order back while nobody held it. A cancel that comes before its order
 *          leaves a VOIDED ticket for it to find, so that it never joins the line.
 *
 * A late finish, after the lease has lapsed, is good coffee: it counts unless the ticket has been claimed anew since. So
 * does a late sign of life: the ticket is its barista's again. Orders are not told of a ticket that went back to the line:
 * to the customer the order is in the making from its first claim, and a second one changes only who makes it.
 */

/** What the bar knows of an order from the day it was queued; it never changes. */
interface Order {
  readonly id: string;
  readonly bar: string;
  readonly items: readonly OrderItem[];
  readonly name?: string;
  readonly turn: number;
  readonly placedAt: string;
  readonly queuedAt: string;
  /** Names the story the order began; the news of its brewing carries it on. */
  readonly correlationId: string;
}

/** One barista's hold on a ticket. */
interface Claim {
  readonly token: string;
  readonly startedAt: string;
  readonly leaseExpiresAt: string;
}

interface Versioned {
  /** The stored version this ticket was read at, which a save expects to find; 0 before the first one. */
  readonly version: number;
}

export type QueuedTicket = Order & Versioned & { readonly status: "QUEUED"; readonly lapsed?: Claim };
export type StartedTicket = Order &
  Versioned & { readonly status: "STARTED"; readonly claim: Claim; readonly lapsed?: Claim };
export type FinishedTicket = Order &
  Versioned & {
    readonly status: "FINISHED";
    readonly startedAt: string;
    readonly finishedAt: string;
    readonly result?: BrewResult;
    /** The token of the claim that finished it. Tickets from before it was kept have none. */
    readonly finishedBy?: string;
  };
/** What was ordered is of no interest any more; and a cancel that outran its order never knew it. */
type VoidedTicket = Pick<Order, "id" | "bar" | "correlationId"> &
  Versioned & { readonly status: "VOIDED"; readonly voidedAt: string };
export type Ticket = QueuedTicket | StartedTicket | FinishedTicket | VoidedTicket;

export type PlacedOrder = Omit<Order, "bar" | "queuedAt">;

/** `known`: the order has a ticket already, and stays as it is. */
export function queue(known: Ticket | undefined, placed: PlacedOrder, at: { bar: string; now: Date }) {
  if (known !== undefined) return { outcome: "known" } as const;
  const ticket: QueuedTicket = {
    ...placed,
    bar: at.bar,
    queuedAt: at.now.toISOString(),
    version: 0,
    status: "QUEUED",
  };
  return { outcome: "queued", ticket } as const;
}

/** `not-waiting`: somebody holds the ticket, or it is finished. */
export function claim(
  ticket: Ticket,
  { token, now, leaseSeconds }: { token: string; now: Date; leaseSeconds: number },
) {
  if (ticket.status !== "QUEUED") return { outcome: "not-waiting" } as const;
  const startedAt = now.toISOString();
  const leaseExpiresAt = new Date(now.getTime() + leaseSeconds * 1000).toISOString();
  const started: StartedTicket = { ...ticket, status: "STARTED", claim: { token, startedAt, leaseExpiresAt } };
  return { outcome: "claimed", ticket: started, events: [BrewStarted({ orderId: ticket.id, startedAt })] } as const;
}

/**
 * Finishes for whoever names the order; with a `token`, only for the holder of that claim.
 *
 * `not-started`: nobody holds or has held it. `claimed-anew`: the token is not that of the latest claim.
 * `finished-before`: nothing changes, the first result stands. `voided`: the customer has cancelled.
 */
export function finish(ticket: Ticket, { now, token, result }: { now: Date; token?: string; result?: BrewResult }) {
  if (ticket.status === "VOIDED") return { outcome: "voided" } as const;
  if (ticket.status === "FINISHED") {
    const byAnother = token !== undefined && ticket.finishedBy !== undefined && token !== ticket.finishedBy;
    return byAnother ? ({ outcome: "claimed-anew" } as const) : ({ outcome: "finished-before", ticket } as const);
  }
  const latest = latestClaim(ticket);
  if (latest === undefined) return { outcome: "not-started" } as const;
  if (token !== undefined && token !== latest.token) return { outcome: "claimed-anew" } as const;
  const finishedAt = now.toISOString();
  const told = result === undefined ? {} : { result };
  const finished: FinishedTicket = {
    ...orderOf(ticket),
    status: "FINISHED",
    startedAt: latest.startedAt,
    finishedAt,
    ...told,
    finishedBy: latest.token,
  };
  const events = [BrewFinished({ orderId: ticket.id, finishedAt, ...told })];
  return { outcome: "finished", ticket: finished, events } as const;
}

/**
 * A sign of life: the claim `token` holds the ticket for `leaseSeconds` from now; also when its lease had lapsed, if
 * nobody has claimed the ticket since. `lost`: that claim is over.
 */
export function extend(
  ticket: Ticket,
  { token, now, leaseSeconds }: { token: string; now: Date; leaseSeconds: number },
) {
  if (ticket.status === "FINISHED" || ticket.status === "VOIDED") return { outcome: "lost" } as const;
  const latest = latestClaim(ticket);
  if (latest?.token !== token) return { outcome: "lost" } as const;
  const leaseExpiresAt = new Date(now.getTime() + leaseSeconds * 1000).toISOString();
  const earlier = ticket.status === "STARTED" && ticket.lapsed !== undefined ? { lapsed: ticket.lapsed } : {};
  const held: StartedTicket = {
    ...orderOf(ticket),
    status: "STARTED",
    claim: { ...latest, leaseExpiresAt },
    ...earlier,
  };
  return { outcome: "extended", ticket: held } as const;
}

function latestClaim(ticket: QueuedTicket | StartedTicket): Claim | undefined {
  return ticket.status === "STARTED" ? ticket.claim : ticket.lapsed;
}

/** Takes the ticket back from a barista whose lease has ended. `kept`: there is no lease, or it has not ended yet. */
export function lapse(ticket: Ticket, now: Date) {
  if (ticket.status !== "STARTED" || Date.parse(ticket.claim.leaseExpiresAt) > now.getTime()) {
    return { outcome: "kept" } as const;
  }
  const returned: QueuedTicket = { ...orderOf(ticket), status: "QUEUED", lapsed: ticket.claim };
  return { outcome: "returned", ticket: returned } as const;
}

/** The holder of the claim `token` will not brew. `kept`: that claim does not hold the ticket. */
export function release(ticket: Ticket, token: string) {
  if (ticket.status !== "STARTED" || ticket.claim.token !== token) return { outcome: "kept" } as const;
  const earlier = ticket.lapsed === undefined ? {} : { lapsed: ticket.lapsed };
  const returned: QueuedTicket = { ...orderOf(ticket), status: "QUEUED", ...earlier };
  return { outcome: "returned", ticket: returned } as const;
}

/**
 * The customer takes the order back. `voided`: nobody holds it, and nobody will get it; a barista whose lease lapsed may
 * still be brewing, and finds out when they finish. `refused`: a barista has it, or is done; the ticket is saved as it
 * is, for the sake of the verdict. `known`: it was voided before.
 */
export function cancel(
  known: Ticket | undefined,
  cancelled: Pick<Order, "id" | "correlationId">,
  at: { bar: string; now: Date },
) {
  if (known?.status === "VOIDED") return { outcome: "known" } as const;
  const { id, correlationId } = cancelled;
  const now = at.now.toISOString();
  if (known !== undefined && known.status !== "QUEUED") {
    return { outcome: "refused", ticket: known, events: [CancelRefused({ orderId: id, refusedAt: now })] } as const;
  }
  const { bar, version } = known ?? { bar: at.bar, version: 0 };
  const ticket: VoidedTicket = { id, bar, correlationId, version, status: "VOIDED", voidedAt: now };
  return { outcome: "voided", ticket, events: [TicketVoided({ orderId: id, voidedAt: now })] } as const;
}

/** Leaves behind what belongs to one status only. */
function orderOf(ticket: QueuedTicket | StartedTicket): Order & Versioned {
  const { id, bar, items, name, turn, placedAt, queuedAt, correlationId, version } = ticket;
  return { id, bar, items, ...(name === undefined ? {} : { name }), turn, placedAt, queuedAt, correlationId, version };
}

/** The aggregate's name in the outbox: its commits are ordered under it, and its messages carry it as their subject. */
export function subjectOf(id: string): string {
  return `ticket#${id}`;
}

/** The ticket as it is once it has been saved. */
export function saved<T extends Ticket>(ticket: T): T {
  return { ...ticket, version: ticket.version + 1 };
}
