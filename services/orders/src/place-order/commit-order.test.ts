import { CommitOutcomeUnknownError, ConcurrencyConflictError } from "@doubleshot/messaging";
import { createLogger } from "@doubleshot/service-kit";
import { NoHints } from "@doubleshot/waiting";
import { expect, test } from "vitest";
import type { Order } from "../order/order.ts";
import { CommitOrder, type CommitOrderOptions } from "./commit-order.ts";

/** Commits fail as scripted, one after the other. */
function committing(...failures: Error[]) {
  const committed: Order[] = [];
  const orders: CommitOrderOptions["orders"] = {
    commit: () => Promise.reject(failures.shift() ?? new Error("There is no more in the script.")),
    committed: ({ state }) => void committed.push(state),
  };
  const requestKeys: CommitOrderOptions["requestKeys"] = {
    bind: () => ({}),
    find: async () => undefined,
  };
  const log = createLogger("orders", "silent");
  return { committed, commits: new CommitOrder({ orders, requestKeys, hints: new NoHints(), log }) };
}

const request = (gone = new AbortController().signal) => ({
  request: { items: [{ sku: "americano", quantity: 1 }] },
  caller: "192.0.2.1",
  gone,
});
const conflict = new ConcurrencyConflictError("order#1", 1);
const unanswered = new CommitOutcomeUnknownError(new Error("no answer"));

test("an order that conflicts with its own commit has been placed by an earlier attempt", async () => {
  const { commits, committed } = committing(unanswered, conflict);
  const placed = await commits.commit("order-1", request(), 1);
  expect(placed).toMatchObject({ outcome: "placed", order: { id: "order-1", version: 1, status: "PLACED" } });
  expect(committed).toMatchObject([{ id: "order-1", version: 0 }]);
});

test("an error that a repetition cannot mend is thrown at once", async () => {
  const bug = new TypeError("a bug");
  await expect(committing(bug, conflict).commits.commit("order-1", request(), 1)).rejects.toBe(bug);
});

test("for a caller that has gone nothing is committed", async () => {
  const given = await committing(unanswered).commits.commit("order-1", request(AbortSignal.abort()), 1);
  expect(given).toEqual({ outcome: "given-up", reason: "left" });
});

test("while the process stops nothing is committed", async () => {
  const { commits } = committing(unanswered);
  await commits.drain();
  expect(await commits.commit("order-1", request(), 1)).toEqual({ outcome: "given-up", reason: "draining" });
});
