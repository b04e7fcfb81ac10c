import { expect, test } from "vitest";
import { noRoomToWait, refusal } from "./refusals.ts";

const orderId = "01a1fc6f-67fa-72ac-a3ff-000000000001";
const limit = { outcome: "limited", by: "waiting", retryAfter: 1 } as const;

test.each([
  ["422", refusal({ outcome: "key taken", orderId })],
  ["409", refusal({ outcome: "cancelled", orderId })],
  ["410", refusal({ outcome: "removed", orderId })],
  ["429", refusal({ outcome: "given up", reason: "crowded out", orderId })],
  ["503, full", refusal({ outcome: "given up", reason: "full", orderId })],
  ["503, draining", refusal({ outcome: "given up", reason: "draining", orderId })],
  ["503, no room to wait", noRoomToWait(limit, orderId)],
])("a refusal that concerns an order carries its id and URL: %s", (_status, problem) => {
  expect(problem.extensions).toEqual({ order_id: orderId, order_url: `/orders/${orderId}` });
});

test("a refusal without an order carries none", () => {
  expect(refusal({ outcome: "given up", reason: "draining" }).extensions).toEqual({});
  expect(refusal(limit).extensions).toEqual({});
});
