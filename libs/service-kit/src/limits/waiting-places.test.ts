import { expect, test } from "vitest";
import { WaitingPlaces } from "./waiting-places.ts";

/** Places to wait for orders, and the callers that lost theirs. */
function waiting(max: number) {
  const places = new WaitingPlaces(max);
  const lost: string[] = [];
  const enter = (caller: string, { orderId = "order-1", isPlacer = false } = {}) =>
    places.enter({ orderId, caller, isPlacer, onTaken: () => lost.push(isPlacer ? `${caller}, the placer` : caller) });
  const strangers = (count: number, orderId = "order-1") =>
    Array.from({ length: count }, (_, n) => enter(`192.0.2.${n}`, { orderId }));
  return { places, lost, enter, strangers };
}

test("the placer's wait is kept, however many addresses wait for the order", () => {
  const { lost, enter, strangers } = waiting(1_000);
  enter("ada", { isPlacer: true });
  // Two more devices at the placer's address, which then has the most waits: one gives way, though not the oldest wait.
  enter("ada");
  enter("ada");
  expect(strangers(60).filter((entered) => entered === "crowded-out")).toHaveLength(12);
  expect(lost).toEqual(["ada"]);
});

test("the placer finds a place, however many addresses wait for the order or in this process", () => {
  const crowd = waiting(1_000);
  crowd.strangers(60);
  expect(crowd.enter("ada")).toBe("crowded-out");
  expect(typeof crowd.enter("ada", { isPlacer: true })).toBe("object");
  expect(crowd.lost).toHaveLength(1);
  const full = waiting(5);
  full.strangers(5, "another order");
  expect(full.enter("ada")).toBe("full");
  expect(typeof full.enter("ada", { isPlacer: true })).toBe("object");
  expect(full.places.size).toBe(5);
});

test("the placer's latest wait is kept, and the earlier ones are as any other", () => {
  const { lost, enter } = waiting(3);
  for (const orderId of ["order-1", "order-1", "order-1"]) enter("ada", { orderId, isPlacer: true });
  enter("bob", { orderId: "order-2", isPlacer: true });
  enter("cy", { orderId: "order-3", isPlacer: true });
  expect(lost).toEqual(["ada, the placer", "ada, the placer"]);
  expect(enter("dan", { orderId: "order-4", isPlacer: true })).toBe("full");
});

test("a wait that loses its place in the process has none for its order either, and the other way round", () => {
  const { places, lost, enter, strangers } = waiting(50);
  for (let n = 0; n < 50; n++) enter("mallory");
  enter("ada", { orderId: "order-2" });
  enter("bob");
  expect(lost).toEqual(["mallory", "mallory"]);
  expect(places.size).toBe(50);
  expect(strangers(1)).not.toContain("crowded-out");
});
