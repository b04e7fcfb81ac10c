import {
  BrewFinished,
  type BrewResult,
  BrewStarted,
  CancelRefused,
  type OrderItem,
  TicketVoided,
} from "@doubleshot/contracts";

/*
 * A ticket is an order as the bar sees it, under the order's id. Its states:
 * - QUEUED    waits in the line, at the place of its turn and age. A claim makes it STARTED.
 * - STARTED   one barista holds it, by the claim's token, until the lease ends; a heartbeat renews the lease. A finish
 *             makes it FINISHED. When the lease lapses, the ticket goes back to QUEUED at its old place and keeps the claim,
 *             because its barista may still be brewing. A release sends the ticket back without the claim that released it.
 * - FINISHED  is final. Another finish by the same claim, or by none, changes nothing and returns the same.
 * - VOIDED    is final: the customer cancelled the order while no barista held it. A cancel that comes before its order
 *             leaves a VOIDED ticket, so that the order never joins the line.
 *
 * A finish or a heartbeat after the lease has lapsed still counts, unless the ticket has been claimed again since, by a claim
 * that was not released. A ticket that goes back to the line publishes no event: to the customer, the order is in the making
 * from its first claim.
 */

/** The part of a ticket that never changes. */
interface Order {
  readonly id: string;
  readonly bar: string;
  readonly items: readonly OrderItem[];
  readonly name?: string;
  readonly turn: number;
  readonly placedAt: string;
  readonly queuedAt: string;
  /** The correlation id of the order; the ticket's events carry it on. */
  readonly correlationId: string;
  /** W3C trace context of the order's commit, if it was traced; the spans of the ticket's commits link to it. */
  readonly traceparent?: string;
}

/** One barista's hold on a ticket. */
interface Claim {
  readonly token: string;
  readonly startedAt: string;
  readonly leaseExpiresAt: string;
}

interface Versioned {
  /** The version that the table holds, and that a save expects; 0 before the first save. */
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
    /** The token of the claim that finished it. Old tickets have none. */
    readonly finishedBy?: string;
  };
/** The items are not needed any more, and a cancel that came before its order never had them. */
type VoidedTicket = Pick<Order, "id" | "bar" | "correlationId" | "traceparent"> &
  Versioned & { readonly status: "VOIDED"; readonly voidedAt: string };
export type Ticket = QueuedTicket | StartedTicket | FinishedTicket | VoidedTicket;

export type PlacedOrder = Omit<Order, "bar" | "queuedAt">;

/** `known`: the order has a ticket already, and stays as it is. */
export function queue(known: Ticket | undefined, placed: PlacedOrder, at: { bar: string; now: Date }) {
  if (known !== undefined) return { outcome: "known", reason: "this order has its ticket already" } as const;
  const ticket: QueuedTicket = {
    ...placed,
    bar: at.bar,
    queuedAt: at.now.toISOString(),
    version: 0,
    status: "QUEUED",
  };
  return { outcome: "queued", state: ticket } as const;
}

/** `not-waiting`: a barista holds the ticket, or it is finished or voided. */
export function claim(
  ticket: Ticket,
  { token, now, leaseSeconds }: { token: string; now: Date; leaseSeconds: number },
) {
  if (ticket.status !== "QUEUED") return { outcome: "not-waiting" } as const;
  const startedAt = now.toISOString();
  const leaseExpiresAt = new Date(now.getTime() + leaseSeconds * 1000).toISOString();
  const started: StartedTicket = { ...ticket, status: "STARTED", claim: { token, startedAt, leaseExpiresAt } };
  return { outcome: "claimed", state: started, events: [BrewStarted({ orderId: ticket.id, startedAt })] } as const;
}

/**
 * Finishes the ticket; with a `token`, only if that is the latest claim.
 * - `not-started`         no barista holds or has held it
 * - `claimed-by-another`  the token is not that of the latest claim
 * - `finished-before`     nothing changes, and the first result stands
 * - `voided`              the customer has cancelled
 */
export function finish(ticket: Ticket, { now, token, result }: { now: Date; token?: string; result?: BrewResult }) {
  if (ticket.status === "VOIDED") return { outcome: "voided" } as const;
  if (ticket.status === "FINISHED") {
    const byAnother = token !== undefined && ticket.finishedBy !== undefined && token !== ticket.finishedBy;
    return byAnother ? ({ outcome: "claimed-by-another" } as const) : ({ outcome: "finished-before", ticket } as const);
  }
  const latest = latestClaim(ticket);
  if (latest === undefined) return { outcome: "not-started" } as const;
  if (token !== undefined && token !== latest.token) return { outcome: "claimed-by-another" } as const;
  const finishedAt = now.toISOString();
  const withResult = result === undefined ? {} : { result };
  const finished: FinishedTicket = {
    ...orderOf(ticket),
    status: "FINISHED",
    startedAt: latest.startedAt,
    finishedAt,
    ...withResult,
    finishedBy: latest.token,
  };
  const events = [BrewFinished({ orderId: ticket.id, finishedAt, ...withResult })];
  return { outcome: "finished", state: finished, events } as const;
}

/**
 * A heartbeat: the claim `token` holds the ticket for `leaseSeconds` from now, also after its lease has lapsed if there is
 * no newer claim. `lost`: the claim is over.
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
  return { outcome: "extended", state: held } as const;
}

function latestClaim(ticket: QueuedTicket | StartedTicket): Claim | undefined {
  return ticket.status === "STARTED" ? ticket.claim : ticket.lapsed;
}

/** Returns the ticket to the line after the end of its lease. `kept`: there is no lease, or it has not ended yet. */
export function lapse(ticket: Ticket, now: Date) {
  if (ticket.status !== "STARTED" || Date.parse(ticket.claim.leaseExpiresAt) > now.getTime()) {
    return { outcome: "kept" } as const;
  }
  const returned: QueuedTicket = { ...orderOf(ticket), status: "QUEUED", lapsed: ticket.claim };
  return { outcome: "lapsed", state: returned } as const;
}

/** The barista of the claim `token` will not brew. `kept`: that claim does not hold the ticket. */
export function release(ticket: Ticket, token: string) {
  if (ticket.status !== "STARTED" || ticket.claim.token !== token) return { outcome: "kept" } as const;
  const earlier = ticket.lapsed === undefined ? {} : { lapsed: ticket.lapsed };
  const returned: QueuedTicket = { ...orderOf(ticket), status: "QUEUED", ...earlier };
  return { outcome: "released", state: returned } as const;
}

/**
 * The customer cancels the order.
 * - `voided`          no barista holds it, and none will get it; one whose lease has lapsed learns of it at the finish
 * - `cancel-refused`  a barista holds it, or has finished it; the ticket is saved unchanged, to publish the verdict
 * - `known`           it was voided before
 */
export function cancel(
  known: Ticket | undefined,
  cancelled: Pick<Order, "id" | "correlationId">,
  at: { bar: string; now: Date },
) {
  if (known?.status === "VOIDED") return { outcome: "known", reason: "this ticket is voided already" } as const;
  const { id, correlationId } = cancelled;
  const now = at.now.toISOString();
  if (known !== undefined && known.status !== "QUEUED") {
    const events = [CancelRefused({ orderId: id, refusedAt: now })];
    return { outcome: "cancel-refused", state: known, events } as const;
  }
  const { bar, version } = known ?? { bar: at.bar, version: 0 };
  const traced = known?.traceparent && { traceparent: known.traceparent };
  const ticket: VoidedTicket = { id, bar, correlationId, ...traced, version, status: "VOIDED", voidedAt: now };
  return { outcome: "voided", state: ticket, events: [TicketVoided({ orderId: id, voidedAt: now })] } as const;
}

/** Leaves out the attributes of a single status. */
function orderOf(ticket: QueuedTicket | StartedTicket): Order & Versioned {
  const { id, bar, items, name, turn, placedAt, queuedAt, correlationId, traceparent, version } = ticket;
  const optional = { ...(name === undefined ? {} : { name }), ...(traceparent && { traceparent }) };
  return { id, bar, items, ...optional, turn, placedAt, queuedAt, correlationId, version };
}

/** The aggregate's name in the outbox, and the subject of its messages. */
export function subjectOf(id: string): string {
  return `ticket#${id}`;
}
