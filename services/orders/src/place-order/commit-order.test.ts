import { CommitOutcomeUnknown, ConcurrencyConflict, type Outbox } from "@doubleshot/messaging";
import { createLogger } from "@doubleshot/service-kit";
import { createAwsClients } from "@doubleshot/topology";
import { NoHints } from "@doubleshot/waiting";
import { afterAll, expect, test } from "vitest";
import { DynamoOrderStore } from "../order/order-store.ts";
import { CommitOrder } from "./commit-order.ts";

const nowhere = "http://127.0.0.1:9";
const { documents: client, destroy } = createAwsClients({
  endpoints: { dynamodb: nowhere, sns: nowhere, sqs: nowhere },
});
afterAll(() => destroy());

/** Commits come out as scripted, one after the other. */
function committing(...outcomes: Error[]): CommitOrder {
  const outbox: Pick<Outbox, "commit"> = {
    commit: () => Promise.reject(outcomes.shift() ?? new Error("There is no more in the script.")),
  };
  return new CommitOrder({
    outbox: outbox as Outbox,
    store: new DynamoOrderStore({ client, table: "orders" }),
    hints: new NoHints(),
    client,
    requestsTable: "orders-requests",
    log: createLogger("orders", "silent"),
  });
}

const ask = (gone = new AbortController().signal) => ({
  request: { items: [{ sku: "americano", quantity: 1 }] },
  caller: "192.0.2.1",
  gone,
});
const conflict = new ConcurrencyConflict("order#1", 1);
const unanswered = new CommitOutcomeUnknown(new Error("no answer"));

test("an order that is in the way of its own commit has been placed by an earlier try", async () => {
  const placed = await committing(unanswered, conflict).commit("order-1", ask(), 1);
  expect(placed).toMatchObject({ outcome: "placed", order: { id: "order-1", version: 1, status: "PLACED" } });
});

test("what no repetition mends is thrown at once", async () => {
  const bug = new TypeError("a bug");
  await expect(committing(bug, conflict).commit("order-1", ask(), 1)).rejects.toBe(bug);
});

test("for a caller who has gone nothing is tried", async () => {
  const given = await committing(unanswered).commit("order-1", ask(AbortSignal.abort()), 1);
  expect(given).toEqual({ outcome: "given up", reason: "left" });
});

test("while the process stops nothing is tried", async () => {
  const commits = committing(unanswered);
  await commits.drain();
  expect(await commits.commit("order-1", ask(), 1)).toEqual({ outcome: "given up", reason: "draining" });
});
