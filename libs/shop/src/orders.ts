import {
  BrewFinished,
  BrewStarted,
  CancelConfirmed,
  CancelRefused,
  CreditRefused,
  CreditReserved,
  OrderCancelled,
  OrderCompleted,
  OrderCreated,
  OrderPlaced,
  TicketVoided,
} from "@doubleshot/contracts";
import { service } from "./service.ts";
import { byId, requests } from "./table-specs.ts";

/** The orders' side: takes orders, and answers when they are ready. */
export const orders = service("orders", {
  port: 9702,
  paths: ["/order", "/orders", "/menu"],
  // A process takes 20,000 callers (MAX_WAITING). Half of them leave room for those of a process that has just ended.
  scalesOn: { orders_waiting: { perProcess: 10_000 } },
  tables: {
    orders: {
      ...byId,
      indexes: {
        // All orders, newest first. The partition is a day and a shard, so no single partition takes all orders.
        listing: {
          partition: { name: "day", type: "S" },
          sort: { name: "place", type: "S" },
          projection: "KEYS_ONLY",
        },
        // A sparse index: open orders by the customer's address.
        open: {
          partition: { name: "openFor", type: "S" },
          sort: { name: "place", type: "S" },
          projection: "KEYS_ONLY",
        },
        // A sparse index: orders on account that wait for credit, spread like the listing.
        pending: {
          partition: { name: "pending", type: "S" },
          sort: { name: "place", type: "S" },
          projection: "KEYS_ONLY",
        },
      },
    },
    "orders-requests": requests,
  },
  publishes: [OrderCreated, OrderPlaced, OrderCancelled, OrderCompleted, CancelConfirmed],
  subscribes: {
    barista: [BrewStarted, BrewFinished, TicketVoided, CancelRefused],
    customers: [CreditReserved, CreditRefused],
  },
  waits: true,
  // The later states follow from the bar's events: its own item has their times.
  traced: {
    kind: "order",
    table: "orders",
    times: { createdAt: "PENDING", placedAt: "PLACED", rejectedAt: "REJECTED" },
    passing: {
      status: "PENDING",
      maxSeconds: 60,
      index: "pending",
      partitions: ["pending#0", "pending#1", "pending#2", "pending#3"],
    },
  },
});
