import type { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { RequestKeys } from "@doubleshot/aggregates";
import { type BindingInput, classBinder, defineService, type Get, host, token } from "@doubleshot/service-host";
import { type Logger, type Rate, TokenBuckets, WaitingPlaces } from "@doubleshot/service-kit";
import { Hints, Notifier, Waiters } from "@doubleshot/waiting";
import { ContainerModule } from "inversify";
import { Admission } from "./admission.ts";
import { CancelOrder } from "./cancel-order/cancel-order.ts";
import { ordersConfig } from "./config.ts";
import { handleBarEvents } from "./events/handle-bar-events.ts";
import { handleCreditEvents } from "./events/handle-credit-events.ts";
import { orderAndWaitApi } from "./http/order-and-wait-routes.ts";
import { orderMembers } from "./http/order-problem-members.ts";
import { ordersApi } from "./http/orders-api.ts";
import { callerRateLimit } from "./http/rate-limit.ts";
import { menuApi } from "./menu/menu-routes.ts";
import { OpenOrderLimit } from "./open-order-limit.ts";
import { instancesOf, isFinal, type Order } from "./order/order.ts";
import { OrderAggregates } from "./order/order-aggregates.ts";
import { DynamoOrderStore, OrderStore } from "./order/order-store.ts";
import { type OrdersMetrics, ordersMetrics } from "./orders-metrics.ts";
import { CommitOrder } from "./place-order/commit-order.ts";
import { PlaceAndWait } from "./place-order/place-and-wait.ts";
import { PlaceOrder } from "./place-order/place-order.ts";
import { measureStuckOrders } from "./stuck-orders-gauge.ts";
import { WatchOrder } from "./watch-order/watch-order.ts";

const metrics = token<OrdersMetrics>("metrics of orders");
const waiters = token<Waiters<Order>>("waiters for orders");
const notifier = token<Notifier<Order>>("notifier of changed orders");
const rate = token<Rate>("rate of one address");

type Input = BindingInput<typeof ordersConfig>;

/** The customers' side: places orders, answers their callers when they are ready, and cancels them. */
export const ordersService = defineService({
  config: ordersConfig,
  modules: (input) => [orderBindings(input), waitingBindings(input), limitBindings(input)],
  subscriptions: (get) => [...handleBarEvents(get(OrderAggregates)), ...handleCreditEvents(get(OrderAggregates))],
  http: (get) => ({
    title: "Doubleshot orders",
    version: "1",
    description: "The customers' side: place orders, wait for them, follow them, cancel them.",
    apis: apis(get),
    problemMembers: orderMembers,
  }),
  maxLongRequests: ({ MAX_WAITING }) => MAX_WAITING,
  hooks: (get) => {
    measureStuckOrders(get(host.metrics), get(OrderStore));
    return {
      onHints: (hints) => void get(waiters).readHinted(hints),
      onClosing: () => get(PlaceOrder).close(),
      onDraining: () => {
        get(waiters).drain();
        return get(PlaceOrder).drain();
      },
    };
  },
});

/** Orders: their rows, and the use cases that commit them. */
function orderBindings({ table }: Input): ContainerModule {
  return new ContainerModule(({ bind }) => {
    const { bindWithOptions } = classBinder(bind);
    bind(metrics).toResolvedValue(ordersMetrics, [host.metrics]);
    bindWithOptions(DynamoOrderStore, { client: host.documents }, { table: table("orders") }, OrderStore);
    bindWithOptions(OrderAggregates, { outbox: host.outbox, store: OrderStore, notifier, metrics });
    bind(RequestKeys).toResolvedValue(
      (client: DynamoDBDocumentClient) => new RequestKeys(client, table("orders-requests")),
      [host.documents],
    );
    bindWithOptions(CommitOrder, { orders: OrderAggregates, requestKeys: RequestKeys, hints: Hints, log: host.log });
    bindWithOptions(PlaceOrder, { commitOrder: CommitOrder, admission: Admission });
    bindWithOptions(CancelOrder, { orders: OrderAggregates, hints: Hints });
  });
}

/** Callers that wait for an order, and the instances that notify each other of its changes. */
function waitingBindings({ config }: Input): ContainerModule {
  return new ContainerModule(({ bind }) => {
    const { bindWithOptions } = classBinder(bind);
    bind(waiters).toResolvedValue(
      (store: OrderStore, log: Logger, hints: Hints, { answered }: OrdersMetrics) =>
        new Waiters({
          read: (ids) => store.getMany(ids),
          isFinal,
          log,
          sweeps: config.SWEEP,
          instanceId: () => hints.instanceId,
          onAnswered: answered,
        }),
      [OrderStore, host.log, Hints, metrics],
    );
    bind(notifier).toResolvedValue(
      (waiters: Waiters<Order>, hints: Hints) => new Notifier({ waiters, hints, instancesOf }),
      [waiters, Hints],
    );
    bind(WaitingPlaces).toResolvedValue(
      ({ waitingAre }: OrdersMetrics) => {
        const places = new WaitingPlaces(config.MAX_WAITING);
        waitingAre(() => places.size);
        return places;
      },
      [metrics],
    );
    bindWithOptions(WatchOrder, {
      orders: OrderAggregates,
      store: OrderStore,
      waiters,
      places: WaitingPlaces,
      hints: Hints,
      log: host.log,
    });
    bindWithOptions(PlaceAndWait, { placeOrder: PlaceOrder, waiters, places: WaitingPlaces, watchOrder: WatchOrder });
  });
}

/** Limits on the orders of one address. */
function limitBindings({ config }: Input): ContainerModule {
  return new ContainerModule(({ bind }) => {
    const { bindClass, bindWithOptions } = classBinder(bind);
    bind(rate).toConstantValue({ burst: config.RATE_BURST, perSecond: config.RATE_PER_SECOND });
    bindClass(TokenBuckets, [rate]);
    bindWithOptions(OpenOrderLimit, { store: OrderStore, log: host.log }, { maxOpen: config.OPEN_ORDERS });
    bindWithOptions(Admission, { buckets: TokenBuckets, openOrderLimit: OpenOrderLimit, metrics });
  });
}

function apis(get: Get) {
  const parts = {
    placeOrder: get(PlaceOrder),
    placeAndWait: get(PlaceAndWait),
    cancelOrder: get(CancelOrder),
    watchOrder: get(WatchOrder),
    admission: get(Admission),
    places: get(WaitingPlaces),
    store: get(OrderStore),
    rateLimit: callerRateLimit(get(Admission), get(rate)),
  };
  return [orderAndWaitApi(parts), ordersApi(parts), menuApi()];
}
