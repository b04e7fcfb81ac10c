import { createOutbox, type PendingEvent } from "@doubleshot/messaging";
import { inboxTable, outboxTable } from "@doubleshot/messaging/infrastructure";
import { FakeAws } from "@doubleshot/messaging/testing";
import { CloudEvent } from "cloudevents";
import { expect, test } from "vitest";
import * as contracts from "./index.ts";

const { BrewFinished, BrewStarted, CancelRefused, TicketVoided } = contracts;
const { CancelConfirmed, OrderCancelled, OrderCompleted, OrderCreated, OrderPlaced } = contracts;
const { CreditRefused, CreditReserved } = contracts;

const orderId = "0190a1b2-0000-7000-8000-000000000001";
const customerId = "0190a1b2-0000-7000-8000-000000000002";
const at = "2026-01-31T08:00:00.000Z";
const items = [{ sku: "americano", quantity: 1 }];

const events: readonly PendingEvent[] = [
  OrderPlaced({ orderId, items, name: "Zoë ☕\u0000\n", turn: 1, placedAt: at }),
  OrderCancelled({ orderId, cancelledAt: at }),
  BrewStarted({ orderId, startedAt: at }),
  BrewFinished({ orderId, finishedAt: at, result: { notes: ["nutty", 7, null] } }),
  TicketVoided({ orderId, voidedAt: at }),
  CancelRefused({ orderId, refusedAt: at }),
  OrderCreated({ orderId, customerId, total: 840, createdAt: at }),
  OrderCompleted({ orderId, customerId, completedAt: at }),
  CancelConfirmed({ orderId, customerId, confirmedAt: at }),
  CreditReserved({ orderId, customerId, amount: 840, reservedAt: at }),
  CreditRefused({ orderId, customerId, reason: "INSUFFICIENT_CREDIT", refusedAt: at }),
];

test("the list has every event of the catalogue", () => {
  const defined = Object.values(contracts).flatMap((each) => ("read" in each && "type" in each ? [each.type] : []));
  expect(events.map(({ type }) => type).toSorted()).toEqual(defined.toSorted());
});

test.each(events.map((event) => [event.type, event] as const))(
  "%s, as it is committed, is read by the official CloudEvents SDK in strict mode",
  async (type, event) => {
    const aws = new FakeAws({ tables: { outbox: outboxTable, inbox: inboxTable } });
    const tables = { outbox: "outbox", inbox: "inbox" };
    for (const source of ["/doubleshot/orders", "/doubleshot/barista", "/doubleshot/customers"]) {
      const outbox = createOutbox({ client: aws.clients().documents, source, tables });
      await outbox.commit({ aggregate: `${source}#${orderId}`, version: 1, events: [event] });
    }
    const rows = aws.stream("outbox").shards.flatMap(({ records }) => records);
    expect(rows).toHaveLength(3);
    for (const { record } of rows) {
      const json = record.dynamodb?.NewImage?.events?.L?.[0]?.M?.json?.S ?? "";
      const read = new CloudEvent(JSON.parse(json), true);
      expect(read.validate()).toBe(true);
      expect(read).toMatchObject({ type, data: event.data });
      expect(read.dataschema).toMatch(new RegExp(`^urn:doubleshot:doubleshot/(orders|barista|customers)/${type}/1$`));
    }
  },
);
