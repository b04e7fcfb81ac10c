import {
  BrewFinished,
  BrewStarted,
  CancelRefused,
  OrderCancelled,
  OrderPlaced,
  TicketVoided,
} from "@doubleshot/contracts";
import { service } from "./service.ts";
import { byId, requests } from "./table-specs.ts";

/** The bar: queues a ticket for each order, and hands the tickets to baristas. */
export const barista = service("barista", {
  port: 9703,
  paths: ["/start", "/finish", "/claims", "/tickets", "/events"],
  // More processes help while tickets wait for processes, and not for baristas: a deployment's maximum bounds them.
  scalesOn: { barista_waiting_baristas: { perProcess: 2_500 }, barista_oldest_ticket_age_seconds: { overall: 60 } },
  tables: {
    barista: {
      ...byId,
      // A ticket that is done expires after 35 days. Orders are the shop's records and stay.
      ttl: "expiresAt",
      // `lane` is "<bar>#waiting", "<bar>#leased" or "<bar>#done#<hour>"; `place` is (turn, age) for the waiting, the
      // lease's end for the leased, and when it was done for the rest.
      indexes: {
        lanes: {
          partition: { name: "lane", type: "S" },
          sort: { name: "place", type: "S" },
          projection: "ALL",
        },
      },
    },
    "barista-requests": requests,
  },
  publishes: [BrewStarted, BrewFinished, TicketVoided, CancelRefused],
  subscribes: { orders: [OrderPlaced, OrderCancelled] },
  waits: true,
  traced: {
    kind: "ticket",
    table: "barista",
    times: {
      queuedAt: "QUEUED",
      // A finished ticket has no claim any more, and keeps this time itself.
      "claim.startedAt": "STARTED",
      startedAt: "STARTED",
      finishedAt: "FINISHED",
    },
  },
});
