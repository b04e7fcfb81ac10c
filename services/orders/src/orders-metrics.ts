import type { Registry } from "@doubleshot/service-kit";
import { Counter, Gauge, Histogram } from "prom-client";
import type { OrderStatus } from "./order/order.ts";

/** A limit that refuses requests: the waiting callers of the process, a caller's rate, a caller's open orders. */
export type Limit = "waiting" | "rate" | "open-orders";

/** The service's own metrics. */
export interface OrdersMetrics {
  /** Counts an order that a commit of this process brought to this status. */
  became(status: OrderStatus): void;
  /** Counts a caller that was answered after so many seconds of waiting. */
  answered(seconds: number): void;
  limited(limit: Limit): void;
  /** Sets the source of the number of waiting callers. */
  waitingAre(count: () => number): void;
}

/** Label values of `orders_limited_total`; dashboards know the last one with a space. */
const limitLabels: Readonly<Record<Limit, string>> = { waiting: "waiting", rate: "rate", "open-orders": "open orders" };

const waitBuckets = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 45, 60, 90, 120, 300, 600, 1800];

/** Reports to the registry. */
export function ordersMetrics(registry: Registry): OrdersMetrics {
  const registers = [registry];
  const orders = new Counter({
    name: "orders_total",
    help: "Orders that came to be in a status, by commits of this process.",
    labelNames: ["status"],
    registers,
  });
  const wait = new Histogram({
    name: "orders_wait_seconds",
    help: "Time that callers waited until they were answered with their order.",
    buckets: waitBuckets,
    registers,
  });
  const limits = new Counter({
    name: "orders_limited_total",
    help: "Requests refused by a limit: waiting (the process is full), rate, open orders.",
    labelNames: ["limit"],
    registers,
  });
  // Prometheus does not see the first step of a counter that appears with it.
  for (const limit of Object.values(limitLabels)) limits.inc({ limit }, 0);
  return {
    became: (status) => orders.inc({ status }),
    answered: (seconds) => wait.observe(seconds),
    limited: (limit) => limits.inc({ limit: limitLabels[limit] }),
    waitingAre: (count) => {
      new Gauge({
        name: "orders_waiting",
        help: "Callers and streams that wait in this process now.",
        registers,
        collect() {
          this.set(count());
        },
      });
    },
  };
}
