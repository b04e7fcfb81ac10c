import { OrderCancelled, OrderPlaced } from "@doubleshot/contracts";
import { given } from "@doubleshot/messaging/testing";
import { describe, expect, test } from "vitest";
import {
  brewing,
  type Changed,
  cancel,
  cancelRefused,
  complete,
  instancesOf,
  isFinal,
  type Order,
  orderStatuses,
  place,
  voided,
  watched,
} from "./order.ts";

const placed: Order = {
  id: "0198c0de-0000-7000-8000-000000000001",
  version: 1,
  status: "PLACED",
  items: [{ sku: "americano", quantity: 1 }],
  name: "Ada",
  replyTo: "instance-1",
  openFor: "192.0.2.1",
  placedAt: "2026-01-31T08:30:00.000Z",
};
const started = { startedAt: "2026-01-31T08:31:00.000Z" };
const finished = { finishedAt: "2026-01-31T08:32:00.000Z" };
const inBrewing: Order = { ...placed, version: 2, status: "BREWING", ...started };
const { openFor: _, ...closed } = inBrewing;
const completed: Order = { ...closed, version: 3, status: "COMPLETED", completedAt: finished.finishedAt };

const { startedAt: __, ...withoutStart } = closed;
const asked = { cancelledAt: "2026-01-31T08:30:30.000Z" };
const cancelling: Order = { ...placed, version: 2, status: "CANCELLING", cancelAskedAt: asked.cancelledAt };
const { openFor: ___, ...closedCancelling } = cancelling;
const verdict = { voidedAt: "2026-01-31T08:30:31.000Z" };
const cancelled: Order = { ...closedCancelling, version: 3, status: "CANCELLED", cancelledAt: verdict.voidedAt };

/** A change without events. */
const becomes = (order: Order): Changed => ({ outcome: "changed", state: order, events: [] });
const stays = (reason: string) => ({ outcome: "unchanged", reason }) as const;

describe("placing", () => {
  const { id, items } = placed;
  const at = "2026-01-31T08:30:00.000Z";

  test("makes an order at version 0, and an event for the bar with the turn it takes", () =>
    given({ items, name: "Ada" })
      .when(place, { id, at, turn: 3, openFor: "192.0.2.1", replyTo: "instance-1" })
      .decides({
        outcome: "changed",
        state: { ...placed, version: 0 },
        events: [OrderPlaced({ orderId: id, items: [...items], name: "Ada", turn: 3, placedAt: at })],
      }));

  test("publishes only the fields that the bar needs, and leaves out absent ones", () =>
    given({ items, total: 420 })
      .when(place, { id, at, turn: 1 })
      .decides({
        outcome: "changed",
        state: { id, placedAt: at, items, total: 420, version: 0, status: "PLACED" },
        events: [OrderPlaced({ orderId: id, items: [...items], turn: 1, placedAt: at })],
      }));
});

describe("brewing", () => {
  test("PLACED becomes BREWING", () =>
    given(placed)
      .when(brewing, started)
      .decides(becomes({ ...placed, status: "BREWING", ...started })));

  test("the first start stays when another barista takes over", () =>
    given(inBrewing)
      .when(brewing, { startedAt: "2026-01-31T09:00:00.000Z" })
      .decides(stays("the order is BREWING already")));

  test("a start that comes after completion changes nothing", () =>
    given(completed).when(brewing, started).decides(stays("the order is COMPLETED already")));
});

describe("completing", () => {
  test("BREWING becomes COMPLETED", () =>
    given(inBrewing)
      .when(complete, finished)
      .decides(becomes({ ...completed, version: 2 })));

  test("a start that was never seen is no obstacle", () =>
    given(placed)
      .when(complete, finished)
      .decides(becomes({ ...withoutStart, version: 1, status: "COMPLETED", completedAt: finished.finishedAt })));

  test.each([null, "", 0, false, { crema: true }])("the result %j is handed over as it is", (result) =>
    given(inBrewing)
      .when(complete, { ...finished, result })
      .decides(becomes({ ...completed, version: 2, result })),
  );

  test("the first completion stays", () =>
    given(completed)
      .when(complete, { finishedAt: "2026-01-31T09:00:00.000Z", result: "late" })
      .decides(stays("the order is COMPLETED already")));

  test("only COMPLETED, CANCELLED and REJECTED are final", () => {
    const final = orderStatuses.filter((status) => isFinal({ ...placed, status }));
    expect(final).toEqual(["COMPLETED", "CANCELLED", "REJECTED"]);
  });
});

describe("cancelling", () => {
  test("PLACED becomes CANCELLING, and the bar is asked", () =>
    given(placed)
      .when(cancel, asked)
      .decides({
        outcome: "changed",
        state: { ...cancelling, version: 1 },
        events: [OrderCancelled({ orderId: placed.id, ...asked })],
      }));

  test.each([cancelling, cancelled])("again changes nothing", (order) => {
    expect(cancel(order, asked)).toMatchObject({ outcome: "unchanged" });
  });

  test.each([inBrewing, completed])("comes too late for an order that is brewing or done", (order) => {
    expect(cancel(order, asked)).toEqual({ outcome: "too-late" });
  });

  test("CANCELLING becomes CANCELLED when the bar has voided it", () =>
    given(cancelling)
      .when(voided, verdict)
      .decides(becomes({ ...cancelled, version: 2 })));

  test("a barista that was quicker is noted at once, and the verdict makes it BREWING", () => {
    const begun: Order = { ...cancelling, ...started };
    given(cancelling).when(brewing, started).decides(becomes(begun));
    given(begun).when(brewing, started).decides(stays("the order is CANCELLING already"));
    given(begun)
      .when(cancelRefused)
      .decides(becomes({ ...begun, status: "BREWING" }));
  });

  test("a barista that has finished makes it COMPLETED, and the verdict comes too late", () => {
    given(cancelling)
      .when(complete, finished)
      .decides(becomes({ ...closedCancelling, status: "COMPLETED", completedAt: finished.finishedAt }));
    given(completed).when(cancelRefused).decides(stays("the order is COMPLETED already"));
  });

  test.each([brewing, complete, voided])("an event about a cancelled order changes nothing", (news) =>
    given(cancelled)
      .when(news, { ...started, ...finished, ...verdict })
      .decides(stays("the order is CANCELLED already")),
  );
});

describe("watching", () => {
  test("adds an instance once, and drops the oldest of many", () => {
    const enter = (order: Order, instanceId: string): Order => {
      const decision = watched(order, instanceId);
      return decision.outcome === "watched" ? decision.state : order;
    };
    const once = enter(placed, "instance-2");
    expect(once.watchers).toEqual(["instance-2"]);
    expect(watched(once, "instance-2")).toHaveProperty("outcome", "unchanged");
    const many = Array.from({ length: 15 }, (_, n) => `instance-${n}`).reduce(enter, placed);
    expect(many.watchers).toHaveLength(10);
    expect(many.watchers?.at(-1)).toBe("instance-14");
  });

  test("sends hints of every change to the watchers, and of the end to the instance where it was placed", () => {
    const followed = { ...inBrewing, watchers: ["instance-2", "instance-3"] };
    expect(instancesOf(followed)).toEqual(["instance-2", "instance-3"]);
    expect(instancesOf({ ...completed, watchers: ["instance-2"] })).toEqual(["instance-2", "instance-1"]);
    expect(instancesOf(inBrewing)).toEqual([]);
    expect(instancesOf(completed)).toEqual(["instance-1"]);
  });

  test("is of no use when the order is final", () => {
    expect(watched(completed, "instance-2")).toHaveProperty("outcome", "unchanged");
  });
});
