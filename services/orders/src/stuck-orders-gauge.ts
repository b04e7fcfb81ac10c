import { type Registry, readSeldom } from "@doubleshot/service-kit";
import { Gauge } from "prom-client";
import type { OrderStore } from "./order/order-store.ts";

/** Credit answers in milliseconds. An order that waits longer waits for something that is broken. */
const maxPendingMs = 60_000;

/** Reports the number of orders that have been PENDING for longer than a minute. */
export function measureStuckOrders(registry: Registry, store: Pick<OrderStore, "pendingSince">): void {
  const read = readSeldom(() => store.pendingSince(new Date(Date.now() - maxPendingMs).toISOString()));
  const help = "The same at every instance: take the maximum, not the sum.";
  new Gauge({
    name: "orders_stuck",
    help: `Orders that have waited for credit for longer than a minute. ${help}`,
    registers: [registry],
    async collect() {
      const stuck = await read();
      this.remove();
      if (stuck !== undefined) this.set(stuck.count);
    },
  });
}
