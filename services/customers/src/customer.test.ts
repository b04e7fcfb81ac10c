import { given } from "@doubleshot/messaging/testing";
import { expect, test } from "vitest";
import { amend, type Customer, open } from "./customer.ts";
import { postings } from "./posting.ts";

const at = "2026-01-31T08:30:00.000Z";
const later = "2026-01-31T08:31:00.000Z";
const jane: Customer = {
  id: "customer-1",
  version: 0,
  name: "Jane Doe",
  limit: 250,
  available: 250,
  reserved: 0,
  debt: 0,
  createdAt: at,
  updatedAt: at,
};

test("a new account has its whole limit available", () =>
  given({ name: "Jane Doe", limit: 250 }).when(open, { id: "customer-1", at }).decides(jane));

test.each([
  [300, 50],
  [100, -150],
  [0, -250],
])("a limit of %d adds %d to the available credit, whatever is in use", (limit, added) =>
  given({ ...jane, available: 20, reserved: 30, debt: 200 })
    .when(amend, { limit }, later)
    .decides({ name: "Jane Doe", limit, added, at: later }),
);

test("a name alone leaves the credit as it is", () =>
  given(jane).when(amend, { name: "Jane Roe" }, later).decides({ name: "Jane Roe", limit: 250, added: 0, at: later }));

test.each([{}, { name: "Jane Doe" }, { limit: 250 }])("%j changes nothing", (changes) => {
  expect(amend(jane, changes, later)).toBeUndefined();
});

test("each posting moves an amount between two parts of the balance, so limit = available + reserved + debt stays true", () => {
  expect(postings).toEqual({
    reservation: { from: "available", to: "reserved" },
    charge: { from: "reserved", to: "debt" },
    release: { from: "reserved", to: "available" },
    payment: { from: "debt", to: "available" },
  });
});
