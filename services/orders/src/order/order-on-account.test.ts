import { CancelConfirmed, OrderCancelled, OrderCompleted, OrderCreated, OrderPlaced } from "@doubleshot/contracts";
import { given } from "@doubleshot/messaging/testing";
import { describe, expect, test } from "vitest";
import {
  type Changed,
  cancel,
  cancelRefused,
  complete,
  creditRefused,
  creditReserved,
  type Order,
  type OrderStatus,
  place,
  voided,
} from "./order.ts";

const [orderId, customerId] = ["0198c0de-0000-7000-8000-000000000001", "0198c0de-0000-7000-8000-000000000002"];
const items = [{ sku: "americano", quantity: 1 }];
const at = "2026-01-31T08:30:00.000Z";
const later = "2026-01-31T08:30:01.000Z";
const pending: Order = {
  id: orderId,
  version: 1,
  status: "PENDING",
  items,
  name: "Ada",
  customerId,
  total: 100,
  turn: 3,
  openFor: "192.0.2.1",
  replyTo: "instance-1",
  createdAt: at,
};
const { turn: _, ...inHand } = pending;
const { openFor: __, ...closed } = inHand;
const placed: Order = { ...inHand, version: 2, status: "PLACED", placedAt: later };
const rejected: Order = { ...closed, status: "REJECTED", rejectedAt: later, rejection: "INSUFFICIENT_CREDIT" };
const cancelled: Order = { ...closed, status: "CANCELLED", cancelAskedAt: at, cancelledAt: later };
const askedToCancel: Order = { ...pending, cancelAskedAt: at };

const becomes = (state: Order, events: Changed["events"] = []): Changed => ({ outcome: "changed", state, events });
const stays = (status: OrderStatus) => ({ outcome: "unchanged", reason: `the order is ${status} already` }) as const;
const confirmed = CancelConfirmed({ orderId, customerId, confirmedAt: later });

test("an order on account asks for credit before it is placed, and keeps its turn", () =>
  given({ items, name: "Ada", customerId, total: 100 })
    .when(place, { id: orderId, at, turn: 3, openFor: "192.0.2.1", replyTo: "instance-1" })
    .decides(becomes({ ...pending, version: 0 }, [OrderCreated({ orderId, customerId, total: 100, createdAt: at })])));

describe("when credit is reserved", () => {
  test("the order goes to the bar, with the turn it has kept", () =>
    given(pending)
      .when(creditReserved, { reservedAt: later })
      .decides(
        becomes({ ...placed, version: 1 }, [
          OrderPlaced({ orderId, items: [...items], name: "Ada", turn: 3, placedAt: later }),
        ]),
      ));

  test("an order that its customer has cancelled meanwhile gives it back, and never goes to the bar", () =>
    given(askedToCancel)
      .when(creditReserved, { reservedAt: later })
      .decides(becomes(cancelled, [confirmed])));

  test.each([placed, rejected, cancelled])("for the second time, nothing changes: $status", (order) =>
    given(order).when(creditReserved, { reservedAt: later }).decides(stays(order.status)),
  );
});

describe("when credit is refused", () => {
  const refused = { refusedAt: later, reason: "INSUFFICIENT_CREDIT" } as const;

  test("the order is rejected for that reason", () =>
    given(pending).when(creditRefused, refused).decides(becomes(rejected)));

  test("an order that its customer has cancelled meanwhile is cancelled, and there is nothing to give back", () =>
    given(askedToCancel).when(creditRefused, refused).decides(becomes(cancelled)));

  test.each([placed, rejected, cancelled])("for the second time, nothing changes: $status", (order) =>
    given(order).when(creditRefused, refused).decides(stays(order.status)),
  );
});

describe("cancelling", () => {
  test("while credit is asked for is remembered, once", () => {
    given(pending).when(cancel, { cancelledAt: at }).decides(becomes(askedToCancel));
    given(askedToCancel).when(cancel, { cancelledAt: later }).decides(stays("PENDING"));
  });

  test("of a placed order asks the bar, whose verdict gives the credit back or keeps it", () => {
    const cancelling: Order = { ...placed, status: "CANCELLING", cancelAskedAt: at };
    given(placed)
      .when(cancel, { cancelledAt: at })
      .decides(becomes(cancelling, [OrderCancelled({ orderId, cancelledAt: at })]));
    given(cancelling)
      .when(voided, { voidedAt: later })
      .decides(becomes({ ...cancelled, version: 2, placedAt: later }, [confirmed]));
    given(cancelling)
      .when(cancelRefused)
      .decides(becomes({ ...cancelling, status: "BREWING" }));
  });

  test("of a rejected order comes too late", () => {
    expect(cancel(rejected, { cancelledAt: later })).toEqual({ outcome: "too-late" });
  });
});

describe("completing", () => {
  test("makes the customer owe the total", () =>
    given(placed)
      .when(complete, { finishedAt: later })
      .decides(
        becomes({ ...closed, version: 2, status: "COMPLETED", placedAt: later, completedAt: later }, [
          OrderCompleted({ orderId, customerId, completedAt: later }),
        ]),
      ));

  test("an order from before there were accounts charges nobody, whatever its customer_id", () => {
    const old: Order = {
      id: orderId,
      version: 1,
      status: "PLACED",
      items,
      customerId: "c-1",
      total: 420,
      placedAt: at,
    };
    expect(complete(old, { finishedAt: later })).toMatchObject({ outcome: "changed", events: [] });
    expect(voided(old, { voidedAt: later })).toMatchObject({ outcome: "changed", events: [] });
  });
});
