import { QueryCommand } from "@aws-sdk/lib-dynamodb";
import { OrderCancelled, OrderPlaced } from "@doubleshot/contracts";
import { uuidv7 } from "@doubleshot/messaging";
import { host } from "@doubleshot/service-host";
import type { AwsClients } from "@doubleshot/topology";
import { Hints } from "@doubleshot/waiting";
import { Registry } from "prom-client";
import type { BaristaUnderTest } from "./barista-service.fixture.ts";
import { Board } from "./board/board.ts";
import { AssignTickets } from "./claims/assign-tickets.ts";
import { ClaimWithToken } from "./claims/claim-with-token.ts";
import { ExtendClaim } from "./claims/extend-claim.ts";
import { ReleaseClaim } from "./claims/release-claim.ts";
import { ReturnLapsedTickets } from "./claims/return-lapsed-tickets.ts";
import type { Claimed } from "./claims/waiting-baristas.ts";
import { bar as barToken } from "./service.ts";
import { FinishTicket } from "./ticket/finish-ticket.ts";
import { hintOtherInstances } from "./ticket/hint-other-instances.ts";
import { subjectOf } from "./ticket/ticket.ts";
import { TicketNotifier } from "./ticket/ticket-notifier.ts";
import { TicketStore } from "./ticket/ticket-store.ts";

/** A clock that stands until it is moved. */
export class StoppedClock {
  #time = Date.parse("2026-01-31T08:00:00.000Z");
  readonly now = () => new Date(this.#time);
  pass(seconds: number): void {
    this.#time += seconds * 1000;
  }
}

type Clock = Pick<StoppedClock, "now">;

/** The time of day, for tests that really wait. */
export const realClock = { now: () => new Date(), pass: () => undefined };

export interface Instance {
  /** Instances of one bar share its line; tests with a bar of their own do not see each other's. */
  readonly bar: string;
  readonly clock: Clock;
  readonly leaseSeconds?: number;
  readonly maxWaiting?: number;
  /** Whether it sends hints to other instances, and gets theirs, once `hints` is started. */
  readonly hints?: boolean;
  /** Clients of this process alone. */
  readonly clients?: AwsClients;
}

/** The parts of one process, wired as in the service. */
export function openBar(
  here: Pick<BaristaUnderTest, "container">,
  { bar, clock, leaseSeconds = 10, maxWaiting = 1_000, hints = false, clients }: Instance,
) {
  const env = { MAX_WAITING: String(maxWaiting), HINTS: hints ? "on" : "off" };
  const container = here.container(env, clients);
  container.rebind(host.metrics).toConstantValue(new Registry());
  container.rebind(barToken).toConstantValue({ name: bar, leaseSeconds, now: clock.now });
  hintOtherInstances(container.get(TicketNotifier), container.get(Hints));
  return {
    container,
    claims: container.get(AssignTickets),
    finishes: container.get(FinishTicket),
    releases: container.get(ReleaseClaim),
    lapses: container.get(ReturnLapsedTickets),
    store: container.get(TicketStore),
    subscriber: container.get(host.subscriber),
    takes: container.get(ClaimWithToken),
    extends: container.get(ExtendClaim),
    notifier: container.get(TicketNotifier),
    board: container.get(Board),
    hints: container.get(Hints),
    /** The ticket of a barista that does not wait. */
    claim: () => container.get(AssignTickets).claim({ gone: staying }).then(ticketOf),
  };
}

const staying = new AbortController().signal;

export const ticketOf = (claimed: Claimed) => (claimed.outcome === "claimed" ? claimed.ticket : undefined);

export type OpenBar = ReturnType<typeof openBar>;

type WithOrders = Pick<BaristaUnderTest, "orders">;

/** A new order, and the message that its orders service publishes. */
export async function placeOrder(here: WithOrders, order: { clock: Clock; turn?: number; name?: string }) {
  const orderId = uuidv7();
  const { clock, turn = 1, ...rest } = order;
  const items = [{ sku: "americano", quantity: 1 }];
  const placed = OrderPlaced({ orderId, items, turn, placedAt: clock.now().toISOString(), ...rest });
  return { orderId, body: await here.orders.message(`order#${orderId}`, placed) };
}

/** The message of the order's cancellation. */
export function cancelOrder(here: WithOrders, orderId: string, { clock }: { clock: Clock }): Promise<string> {
  const cancelled = OrderCancelled({ orderId, cancelledAt: clock.now().toISOString() });
  return here.orders.message(`order#${orderId}`, cancelled);
}

export const delivery = (body: string) => ({ body, receiveCount: 1, sentAt: Date.now() });

/** Places orders and has them queued, one after another, a second apart. Returns their ids. */
export async function queueOrders(
  here: WithOrders,
  bar: Pick<OpenBar, "subscriber">,
  { clock, count, turn = 1 }: { clock: Clock & Partial<StoppedClock>; count: number; turn?: number },
) {
  const ids: string[] = [];
  for (let i = 0; i < count; i++) {
    const { orderId, body } = await placeOrder(here, { clock, turn });
    await bar.subscriber.handle(delivery(body));
    ids.push(orderId);
    clock.pass?.(1);
  }
  return ids;
}

/** The ticket's row and the rows of its events. */
export async function storedRows({ shop, rows }: Pick<BaristaUnderTest, "shop" | "rows">, id: string) {
  const { Items: news = [] } = await shop.clients.documents.send(
    new QueryCommand({
      TableName: shop.table("barista-outbox"),
      ConsistentRead: true,
      KeyConditionExpression: "#aggregate = :aggregate",
      ExpressionAttributeNames: { "#aggregate": "aggregate" },
      ExpressionAttributeValues: { ":aggregate": subjectOf(id) },
    }),
  );
  const ticket = (await rows("barista")).find((row) => row.id === id);
  return { ticket, news };
}
