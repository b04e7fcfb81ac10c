import { GetCommand, QueryCommand } from "@aws-sdk/lib-dynamodb";
import { OrderCancelled, OrderPlaced } from "@doubleshot/contracts";
import type { LocalAws } from "@doubleshot/local-aws";
import { createOutbox, uuidv7 } from "@doubleshot/messaging";
import { createLogger } from "@doubleshot/service-kit";
import { physicalName } from "@doubleshot/topology";
import { Hints } from "@doubleshot/waiting";
import { Container } from "inversify";
import { baristaModule, tokens } from "./barista.module.ts";
import { Board } from "./board/board.ts";
import { ClaimTicket } from "./claims/claim-ticket.ts";
import { ExtendClaim } from "./claims/extend-claim.ts";
import { ReleaseClaim } from "./claims/release-claim.ts";
import { ReturnLapsed } from "./claims/return-lapsed.ts";
import { TakeClaim } from "./claims/take-claim.ts";
import { TellInstances } from "./claims/tell-instances.ts";
import type { Claimed } from "./claims/waiting-baristas.ts";
import { FinishTicket } from "./ticket/finish-ticket.ts";
import { subjectOf } from "./ticket/ticket.ts";
import { TicketNews } from "./ticket/ticket-news.ts";
import { TicketStore } from "./ticket/ticket-store.ts";

export const shop = "doubleshot";

/** A clock that stands until it is moved. */
export class StoppedClock {
  #time = Date.parse("2026-01-31T08:00:00.000Z");
  readonly now = () => new Date(this.#time);
  pass(seconds: number): void {
    this.#time += seconds * 1000;
  }
}

type Clock = Pick<StoppedClock, "now">;

/** The time of day, for what waits in earnest. */
export const realClock = { now: () => new Date(), pass: () => undefined };

export interface Instance {
  /** Instances of one bar share its line; tests with a bar of their own do not see each other's. */
  readonly bar: string;
  readonly clock: Clock;
  readonly leaseSeconds?: number;
  readonly mostWaiting?: number;
  /** Whether it tells other instances of the shop, and is told by them, once `hints` is started. */
  readonly hints?: boolean;
  /** The longest, in milliseconds, that its own baristas have an order to themselves. */
  readonly headStart?: number;
}

/** What one process of the service has, wired as in the service. */
export function openBar(
  { clients }: LocalAws,
  { bar, clock, leaseSeconds = 10, mostWaiting = 1_000, hints = false, headStart }: Instance,
) {
  const container = new Container();
  const config = { SHOP: shop, BAR: bar, LEASE_SECONDS: leaseSeconds, MAX_WAITING: mostWaiting, HINTS: hints };
  const log = createLogger("barista", "silent");
  container.load(
    baristaModule({ config, clients, log, now: clock.now, ...(headStart !== undefined && { headStart }) }),
  );
  container.get(TellInstances);
  return {
    container,
    claims: container.get(ClaimTicket),
    finishes: container.get(FinishTicket),
    releases: container.get(ReleaseClaim),
    lapses: container.get(ReturnLapsed),
    store: container.get(TicketStore),
    subscriber: container.get(tokens.subscriber),
    takes: container.get(TakeClaim),
    extends: container.get(ExtendClaim),
    news: container.get(TicketNews),
    board: container.get(Board),
    hints: container.get(Hints),
    /** What a barista gets who takes what is there. */
    claim: () => container.get(ClaimTicket).claim({ signal: here }).then(ticketOf),
  };
}

const here = new AbortController().signal;

export const ticketOf = (claimed: Claimed) => (claimed.outcome === "claimed" ? claimed.ticket : undefined);

export type OpenBar = ReturnType<typeof openBar>;

/** An order as the orders service commits it, and the message that the relay makes of that. */
export async function placeOrder({ clients }: LocalAws, order: { clock: Clock; turn?: number; name?: string }) {
  const orderId = uuidv7();
  const { clock, turn = 1, ...rest } = order;
  const table = physicalName(shop, "orders-outbox");
  const aggregate = `order#${orderId}`;
  const placedAt = clock.now().toISOString();
  await createOutbox({
    client: clients.documents,
    source: "/doubleshot/orders",
    tables: { outbox: table, inbox: physicalName(shop, "orders-inbox") },
  }).commit({
    aggregate,
    version: 1,
    events: [OrderPlaced({ orderId, items: [{ sku: "americano", quantity: 1 }], turn, placedAt, ...rest })],
  });
  const { Item } = await clients.documents.send(new GetCommand({ TableName: table, Key: { aggregate, version: 1 } }));
  const body: string = Item?.events[0].json;
  return { orderId, body };
}

/** The message that the relay makes of a cancel of the order. */
export async function cancelOrder({ clients }: LocalAws, orderId: string, { clock }: { clock: Clock }) {
  const table = physicalName(shop, "orders-outbox");
  const aggregate = `order#${orderId}`;
  await createOutbox({
    client: clients.documents,
    source: "/doubleshot/orders",
    tables: { outbox: table, inbox: physicalName(shop, "orders-inbox") },
  }).commit({
    aggregate,
    version: 2,
    events: [OrderCancelled({ orderId, cancelledAt: clock.now().toISOString() })],
  });
  const { Item } = await clients.documents.send(new GetCommand({ TableName: table, Key: { aggregate, version: 2 } }));
  const body: string = Item?.events[0].json;
  return body;
}

export const delivery = (body: string) => ({ body, receiveCount: 1, sentAt: Date.now() });

/** Places orders and has them queued, one after another, a second apart. Returns their ids. */
export async function queueOrders(
  aws: LocalAws,
  bar: Pick<OpenBar, "subscriber">,
  { clock, count, turn = 1 }: { clock: Clock & Partial<StoppedClock>; count: number; turn?: number },
) {
  const ids: string[] = [];
  for (let i = 0; i < count; i++) {
    const { orderId, body } = await placeOrder(aws, { clock, turn });
    await bar.subscriber.handle(delivery(body));
    ids.push(orderId);
    clock.pass?.(1);
  }
  return ids;
}

/** The ticket's row and its news, as they lie in the tables. */
export async function storedRows({ clients }: LocalAws, id: string) {
  const [ticket, news] = await Promise.all([
    clients.documents.send(new GetCommand({ TableName: physicalName(shop, "barista"), Key: { id } })),
    clients.documents.send(
      new QueryCommand({
        TableName: physicalName(shop, "barista-outbox"),
        ConsistentRead: true,
        KeyConditionExpression: "#aggregate = :aggregate",
        ExpressionAttributeNames: { "#aggregate": "aggregate" },
        ExpressionAttributeValues: { ":aggregate": subjectOf(id) },
      }),
    ),
  ]);
  return { ticket: ticket.Item, news: news.Items ?? [] };
}
