import { RequestKeys } from "@doubleshot/aggregates";
import { createOutbox, type Outbox, type Subscriber, subscriber } from "@doubleshot/messaging";
import { prometheusMetrics } from "@doubleshot/messaging/prometheus";
import { type Api, type Logger, processMetrics, type Registry } from "@doubleshot/service-kit";
import { type AwsClients, physicalName } from "@doubleshot/topology";
import { Hints, NoHints, Notifier, QueueHints, Waiters } from "@doubleshot/waiting";
import { Container, ContainerModule, type ServiceIdentifier } from "inversify";
import { Admission } from "./admission.ts";
import type { OrdersConfig } from "./config.ts";
import { CancelOrder } from "./follow-order/cancel-order.ts";
import { followBar } from "./follow-order/follow-bar.ts";
import { WatchOrder } from "./follow-order/watch-order.ts";
import { counterApi } from "./http/counter-api.ts";
import { ordersApi } from "./http/orders-api.ts";
import { rateLimitFields } from "./http/rate-limit-fields.ts";
import { OpenOrders } from "./open-orders.ts";
import { addressesOf, isFinal, type Order } from "./order/order.ts";
import { DynamoOrderStore, OrderStore } from "./order/order-store.ts";
import { Orders } from "./order/orders.ts";
import { type OrdersMetrics, ordersMetrics } from "./orders-metrics.ts";
import { CommitOrder } from "./place-order/commit-order.ts";
import { PlaceAndWait } from "./place-order/place-and-wait.ts";
import { PlaceOrder } from "./place-order/place-order.ts";
import { TokenBuckets } from "./token-buckets.ts";
import { WaitingPlaces } from "./waiting-places.ts";

const token = <T>(name: string) => Symbol(name) as ServiceIdentifier<T>;

/** What the container gives out, by name. Classes stand for themselves. */
export const tokens = {
  config: token<OrdersConfig>("config"),
  log: token<Logger>("log"),
  clients: token<AwsClients>("clients"),
  metrics: token<Registry>("metrics"),
  outbox: token<Outbox>("outbox"),
  subscriber: token<Subscriber>("subscriber"),
  counts: token<OrdersMetrics>("counts"),
  apis: token<Api[]>("apis"),
  waiters: token<Waiters<Order>>("waiters"),
  notifier: token<Notifier<Order>>("notifier"),
  OrderStore,
  Hints,
  Orders,
  WaitingPlaces,
  Admission,
  CommitOrder,
  PlaceOrder,
  PlaceAndWait,
  CancelOrder,
  WatchOrder,
} as const;

/** What the process is given, by its environment or by a test. */
export interface OrdersSetting {
  readonly config: OrdersConfig;
  readonly log: Logger;
  readonly clients: AwsClients;
  /** Fires when the process is to stop, some time before it drains. */
  readonly signal?: AbortSignal;
}

/** Who gets what. One of each for the process. */
export function ordersContainer({ config, log, clients }: OrdersSetting): Container {
  const name = (short: string) => physicalName(config.SHOP, short);
  const { outbox, counts, apis } = tokens;

  const given = new ContainerModule(({ bind }) => {
    bind(tokens.config).toConstantValue(config);
    bind(tokens.log).toConstantValue(log);
    bind(tokens.clients).toConstantValue(clients);
    bind(tokens.metrics).toResolvedValue(processMetrics);
    bind(counts).toResolvedValue(ordersMetrics, [tokens.metrics]);
  });

  const orders = new ContainerModule(({ bind }) => {
    bind(outbox).toResolvedValue(
      ({ documents: client }: AwsClients, metrics: Registry) =>
        createOutbox({
          client,
          source: "/doubleshot/orders",
          tables: { outbox: name("orders-outbox"), inbox: name("orders-inbox") },
          metrics: prometheusMetrics(metrics),
        }),
      [tokens.clients, tokens.metrics],
    );
    bind(OrderStore).toResolvedValue(
      ({ documents: client }: AwsClients) => new DynamoOrderStore({ client, table: name("orders") }),
      [tokens.clients],
    );
    bind(Orders).toResolvedValue(
      (outbox: Outbox, store: OrderStore, notifier: Notifier<Order>, metrics: OrdersMetrics) =>
        new Orders({ outbox, store, notifier, metrics }),
      [outbox, OrderStore, tokens.notifier, counts],
    );
    bind(RequestKeys).toResolvedValue(
      ({ documents: client }: AwsClients) => new RequestKeys(client, name("orders-requests")),
      [tokens.clients],
    );
    bind(CommitOrder).toResolvedValue(
      (orders: Orders, requestKeys: RequestKeys, hints: Hints, log: Logger) =>
        new CommitOrder({ orders, requestKeys, hints, log }),
      [Orders, RequestKeys, Hints, tokens.log],
    );
    bind(PlaceOrder).toResolvedValue(
      (commitOrder: CommitOrder, admission: Admission) => new PlaceOrder({ commitOrder, admission }),
      [CommitOrder, Admission],
    );
    bind(PlaceAndWait).toResolvedValue(
      (placeOrder: PlaceOrder, waiters: Waiters<Order>, places: WaitingPlaces, watchOrder: WatchOrder) =>
        new PlaceAndWait({ placeOrder, waiters, places, watchOrder }),
      [PlaceOrder, tokens.waiters, WaitingPlaces, WatchOrder],
    );
    bind(CancelOrder).toResolvedValue(
      (orders: Orders, hints: Hints) => new CancelOrder({ orders, hints }),
      [Orders, Hints],
    );
    bind(WatchOrder).toResolvedValue(
      (orders: Orders, store: OrderStore, waiters: Waiters<Order>, places: WaitingPlaces, hints: Hints, log: Logger) =>
        new WatchOrder({ orders, store, waiters, places, hints, log }),
      [Orders, OrderStore, tokens.waiters, WaitingPlaces, Hints, tokens.log],
    );
    bind(tokens.subscriber).toResolvedValue(
      (outbox: Outbox, orders: Orders) => subscriber("orders", outbox, followBar(orders)),
      [outbox, Orders],
    );
    bind(apis).toResolvedValue(
      (
        placeOrder: PlaceOrder,
        placeAndWait: PlaceAndWait,
        cancelOrder: CancelOrder,
        watchOrder: WatchOrder,
        admission: Admission,
        places: WaitingPlaces,
        store: OrderStore,
      ) => {
        const rateLimit = rateLimitFields(admission, rate);
        return [
          counterApi({ placeAndWait, admission, rateLimit }),
          ordersApi({ placeOrder, placeAndWait, cancelOrder, watchOrder, admission, places, store, rateLimit }),
        ];
      },
      [PlaceOrder, PlaceAndWait, CancelOrder, WatchOrder, Admission, WaitingPlaces, OrderStore],
    );
  });

  const rate = { burst: config.RATE_BURST, perSecond: config.RATE_PER_SECOND };

  const limits = new ContainerModule(({ bind }) => {
    bind(WaitingPlaces).toResolvedValue(
      (counts: OrdersMetrics) => {
        const places = new WaitingPlaces(config.MAX_WAITING);
        counts.waitingAre(() => places.size);
        return places;
      },
      [counts],
    );
    bind(Admission).toResolvedValue(
      (store: OrderStore, counts: OrdersMetrics, log: Logger) =>
        new Admission({
          buckets: new TokenBuckets(rate),
          openOrders: new OpenOrders({ store, log, most: config.OPEN_ORDERS }),
          onLimit: counts.limited,
        }),
      [OrderStore, counts, tokens.log],
    );
  });

  const waking = new ContainerModule(({ bind }) => {
    bind(tokens.waiters).toResolvedValue(
      (store: OrderStore, log: Logger, counts: OrdersMetrics) =>
        new Waiters({
          read: (ids) => store.getMany(ids),
          isFinal,
          log,
          sweeps: config.SWEEP,
          // Resolved late, because the hints need the waiters.
          address: () => container.get(Hints).address,
          onAnswered: counts.answered,
        }),
      [OrderStore, tokens.log, counts],
    );
    bind(tokens.notifier).toResolvedValue(
      (waiters: Waiters<Order>, hints: Hints) => new Notifier({ waiters, hints, addressesOf }),
      [tokens.waiters, Hints],
    );
    if (config.HINTS) {
      bind(Hints).toResolvedValue(
        (clients: AwsClients, waiters: Waiters<Order>, log: Logger) =>
          new QueueHints({
            clients,
            table: name("orders-instances"),
            queuePrefix: name("orders-hints-"),
            log,
            onHints: (hints) => void waiters.read(hints.map(({ id }) => id)),
          }),
        [tokens.clients, tokens.waiters, tokens.log],
      );
    } else {
      bind(Hints).toConstantValue(new NoHints());
    }
  });

  const container = new Container({ defaultScope: "Singleton" });
  container.load(given, orders, limits, waking);
  return container;
}
