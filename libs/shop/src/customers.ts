import { CancelConfirmed, CreditRefused, CreditReserved, OrderCompleted, OrderCreated } from "@doubleshot/contracts";
import { jwksPath } from "./issuer.ts";
import { service } from "./service.ts";
import { byId, requests } from "./table-specs.ts";

/** Accounts of customers: reserves credit for orders, and keeps a ledger of what each customer owes. */
export const customers = service("customers", {
  port: 9701,
  paths: ["/customers", "/customer", "/tokens", jwksPath],
  tables: {
    customers: byId,
    // One item for each order on account, under the id of the order.
    "customers-reservations": byId,
    "customers-ledger": {
      key: { partition: { name: "customer", type: "S" }, sort: { name: "entry", type: "S" } },
    },
    "customers-requests": requests,
    // Hashes of the customers' secrets, and the keys that the shop's tokens are signed with.
    "customers-secrets": byId,
    "customers-keys": byId,
  },
  signingKeys: "customers-keys",
  publishes: [CreditReserved, CreditRefused],
  subscribes: { orders: [OrderCreated, OrderCompleted, CancelConfirmed] },
  traced: {
    kind: "reservation",
    table: "customers-reservations",
    times: { reservedAt: "RESERVED", refusedAt: "REFUSED", chargedAt: "CHARGED", releasedAt: "RELEASED" },
  },
});
