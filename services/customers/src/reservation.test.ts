import { CreditRefused, CreditReserved } from "@doubleshot/contracts";
import { given } from "@doubleshot/messaging/testing";
import { describe, expect, test } from "vitest";
import type { Posting } from "./posting.ts";
import { charge, type Reservation, refuse, release, reserve } from "./reservation.ts";

const at = "2026-01-31T08:30:00.000Z";
const later = "2026-01-31T08:31:00.000Z";
const [orderId, customerId] = ["order-1", "customer-1"];
const request = { orderId, customerId, total: 100 };
const none = undefined as Reservation | undefined;
const reserved: Reservation = {
  id: orderId,
  version: 1,
  status: "RESERVED",
  customerId,
  amount: 100,
  reservedAt: at,
};
const refused: Reservation = {
  id: orderId,
  version: 1,
  status: "REFUSED",
  customerId,
  amount: 100,
  refusedAt: at,
  refusal: "INSUFFICIENT_CREDIT",
};
const charged: Reservation = { ...reserved, version: 2, status: "CHARGED", chargedAt: later };
const released: Reservation = { ...reserved, version: 2, status: "RELEASED", releasedAt: later };
const posting = (kind: Posting["kind"], when: string): Posting => ({
  kind,
  customerId,
  orderId,
  amount: 100,
  at: when,
});
const stays = (reason: string) => ({ outcome: "unchanged", reason }) as const;

describe("an order that asks for credit", () => {
  test("has its total reserved, and CreditReserved is published", () =>
    given(none)
      .when(reserve, request, at)
      .decides({
        outcome: "changed",
        state: { ...reserved, version: 0 },
        events: [CreditReserved({ orderId, customerId, amount: 100, reservedAt: at })],
        posting: posting("reservation", at),
      }));

  test.each(["INSUFFICIENT_CREDIT", "CUSTOMER_NOT_FOUND"] as const)(
    "is refused for %s, and nothing is posted",
    (reason) =>
      given(request)
        .when(refuse, reason, at)
        .decides({
          outcome: "changed",
          state: { ...refused, version: 0, refusal: reason },
          events: [CreditRefused({ orderId, customerId, reason, refusedAt: at })],
        }),
  );

  test.each([reserved, refused, charged, released])("is answered once: $status", (known) =>
    given(known as Reservation | undefined)
      .when(reserve, request, later)
      .decides(stays(`the reservation is ${known.status} already`)),
  );
});

describe("an order that is done", () => {
  test("turns its reservation into debt", () =>
    given(reserved as Reservation | undefined)
      .when(charge, later)
      .decides({
        outcome: "changed",
        state: { ...charged, version: 1 },
        events: [],
        posting: posting("charge", later),
      }));

  test.each([refused, charged, released])("is charged once, and only what was reserved: $status", (known) =>
    given(known as Reservation | undefined)
      .when(charge, later)
      .decides(stays(`the reservation is ${known.status} already`)),
  );
});

describe("an order that was cancelled", () => {
  test("gives its reservation back", () =>
    given(reserved as Reservation | undefined)
      .when(release, later)
      .decides({
        outcome: "changed",
        state: { ...released, version: 1 },
        events: [],
        posting: posting("release", later),
      }));

  test.each([refused, charged, released])("gives it back once, and only what was reserved: $status", (known) =>
    given(known as Reservation | undefined)
      .when(release, later)
      .decides(stays(`the reservation is ${known.status} already`)),
  );
});

test("an order without a reservation changes no account", () => {
  expect(charge(undefined, at)).toEqual(stays("there is no reservation for this order"));
  expect(release(undefined, at)).toEqual(stays("there is no reservation for this order"));
});
