import { createLogger } from "@doubleshot/service-kit";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Completions } from "./completions.ts";
import type { Order } from "./order/order.ts";
import { OrderStore } from "./order/order-store.ts";

/** A store whose orders the test lays out, and which can be out of order itself. */
class Shelf extends OrderStore {
  readonly orders = new Map<string, Order>();
  readonly reads: (readonly string[])[] = [];
  broken = false;

  override async get(id: string) {
    return this.orders.get(id);
  }

  override async getMany(ids: readonly string[]) {
    this.reads.push(ids);
    if (this.broken) throw new Error("out of order");
    return ids.flatMap((id) => this.orders.get(id) ?? []);
  }

  override async listed(): Promise<never> {
    throw new Error("nobody lists here");
  }

  override async openFor(): Promise<never> {
    throw new Error("nobody counts here");
  }

  override save(): never {
    throw new Error("nobody saves here");
  }
}

const log = createLogger("orders", "silent");
const order = (id: string, status: Order["status"]): Order => ({
  id,
  status,
  version: 1,
  items: [],
  placedAt: "2026-01-31T08:30:00.000Z",
});

let shelf: Shelf;
beforeEach(() => {
  shelf = new Shelf();
});

describe("a wait", () => {
  test("is answered by the order seen in a final status, and by no other", async () => {
    const completions = new Completions({ store: shelf, log, sweep: false });
    const [ada, bob] = [completions.wait("ada"), completions.wait("bob")];
    completions.seen(order("ada", "BREWING"));
    completions.seen(order("bob", "COMPLETED"));
    expect(await bob.answer).toMatchObject({ id: "bob", status: "COMPLETED" });
    expect(completions.outstanding).toBe(1);
    completions.seen(order("ada", "COMPLETED"));
    expect(await ada.answer).toMatchObject({ id: "ada" });
    expect(completions.outstanding).toBe(0);
  });

  test("is shared by all who wait for the same order, and one who leaves takes nobody along", async () => {
    const completions = new Completions({ store: shelf, log, sweep: false });
    const [first, second] = [completions.wait("ada"), completions.wait("ada")];
    first.leave();
    completions.seen(order("ada", "COMPLETED"));
    expect(await first.answer).toBe("left");
    expect(await second.answer).toMatchObject({ id: "ada" });
  });

  test("that was left earlier does not disturb a later one for the same order", async () => {
    const completions = new Completions({ store: shelf, log, sweep: false });
    const early = completions.wait("ada");
    early.leave();
    const late = completions.wait("ada");
    early.leave();
    completions.seen(order("ada", "COMPLETED"));
    expect(await late.answer).toMatchObject({ id: "ada" });
  });

  test("ends when the process drains, and one that begins then ends at once", async () => {
    const completions = new Completions({ store: shelf, log, sweep: true });
    const before = completions.wait("ada");
    completions.drain();
    expect(await before.answer).toBe("draining");
    expect(await completions.wait("bob").answer).toBe("draining");
    expect(completions.outstanding).toBe(0);
  });
});

describe("a look", () => {
  test("reads only what is waited for here", async () => {
    const completions = new Completions({ store: shelf, log, sweep: false });
    shelf.orders.set("ada", order("ada", "COMPLETED"));
    const ada = completions.wait("ada");
    await completions.look(["elsewhere"]);
    await completions.look(["elsewhere", "ada"]);
    expect(shelf.reads).toEqual([["ada"]]);
    expect(await ada.answer).toMatchObject({ id: "ada" });
  });

  test("that finds nothing yet, or nothing final, ends no wait", async () => {
    const completions = new Completions({ store: shelf, log, sweep: false });
    shelf.orders.set("bob", order("bob", "PLACED"));
    completions.wait("ada");
    completions.wait("bob");
    await completions.look(["ada", "bob"]);
    expect(completions.outstanding).toBe(2);
  });

  test("that does not find what had been seen ends the wait: its row is gone", async () => {
    const completions = new Completions({ store: shelf, log, sweep: false });
    const [ada, again, bob] = [completions.wait("ada"), completions.wait("ada"), completions.wait("bob")];
    completions.seen(order("ada", "PLACED"));
    completions.seen(order("bob", "PLACED"));
    shelf.orders.set("bob", order("bob", "BREWING"));
    await completions.look(["ada", "bob"]);
    expect([await ada.answer, await again.answer]).toEqual(["removed", "removed"]);
    expect(completions.outstanding).toBe(1);
    completions.seen(order("bob", "COMPLETED"));
    expect(await bob.answer).toMatchObject({ id: "bob" });
  });

  test("that began before the order was there, and does not find it, ends no wait", async () => {
    const completions = new Completions({ store: shelf, log, sweep: false });
    completions.wait("ada");
    const looking = completions.look(["ada"]);
    completions.seen(order("ada", "PLACED"));
    await looking;
    expect(completions.outstanding).toBe(1);
  });

  test("at many answers those of each read at once, whatever becomes of the next", async () => {
    const completions = new Completions({ store: shelf, log, sweep: false });
    const ids = Array.from({ length: 250 }, (_, index) => `order-${index}`);
    for (const id of ids) shelf.orders.set(id, order(id, "COMPLETED"));
    for (const id of ids) completions.wait(id);
    const getMany = shelf.getMany.bind(shelf);
    shelf.getMany = async (some) => {
      shelf.broken = shelf.reads.length === 2;
      return getMany(some);
    };
    await completions.look(ids);
    expect(shelf.reads.map(({ length }) => length)).toEqual([100, 100, 50]);
    expect(completions.outstanding).toBe(50);
  });

  test("that fails throws nothing", async () => {
    const completions = new Completions({ store: shelf, log, sweep: false });
    shelf.broken = true;
    completions.wait("ada");
    await completions.look(["ada"]);
    expect(completions.outstanding).toBe(1);
  });
});

describe("the sweep", () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] }));
  afterEach(() => void vi.useRealTimers());

  test("finds a completion nobody told of", async () => {
    const completions = new Completions({ store: shelf, log, sweep: true });
    const wait = completions.wait("ada");
    await vi.advanceTimersByTimeAsync(1_000);
    shelf.orders.set("ada", order("ada", "COMPLETED"));
    await vi.advanceTimersByTimeAsync(2_000);
    expect(await wait.answer).toMatchObject({ id: "ada" });
  });

  test("looks less often the longer an order has waited, and not at all when nobody waits", async () => {
    const completions = new Completions({ store: shelf, log, sweep: true });
    const wait = completions.wait("ada");
    await vi.advanceTimersByTimeAsync(10_000);
    const early = shelf.reads.length;
    expect(early).toBeGreaterThanOrEqual(5);
    expect(early).toBeLessThanOrEqual(16);
    await vi.advanceTimersByTimeAsync(600_000);
    const late = shelf.reads.length - early;
    expect(late).toBeGreaterThanOrEqual(90);
    expect(late).toBeLessThanOrEqual(170);
    wait.leave();
    expect(vi.getTimerCount()).toBe(0);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(shelf.reads.length).toBe(early + late);
  });

  test("outlives a table that fails", async () => {
    const completions = new Completions({ store: shelf, log, sweep: true });
    shelf.broken = true;
    const wait = completions.wait("ada");
    await vi.advanceTimersByTimeAsync(10_000);
    expect(shelf.reads.length).toBeGreaterThan(1);
    shelf.broken = false;
    shelf.orders.set("ada", order("ada", "COMPLETED"));
    await vi.advanceTimersByTimeAsync(1_500);
    expect(await wait.answer).toMatchObject({ id: "ada" });
  });

  test("makes up soon for a look that failed, so that a hint's news is not as late as its turn", async () => {
    const completions = new Completions({ store: shelf, log, sweep: true });
    const wait = completions.wait("ada");
    await vi.advanceTimersByTimeAsync(60_000);
    const looks = shelf.reads.length;
    while (shelf.reads.length === looks) await vi.advanceTimersByTimeAsync(100);
    shelf.orders.set("ada", order("ada", "COMPLETED"));
    shelf.broken = true;
    await completions.look(["ada"]);
    shelf.broken = false;
    // Its turn would come after 3.75 s at the earliest.
    await vi.advanceTimersByTimeAsync(1_500);
    expect(completions.outstanding).toBe(0);
    expect(await wait.answer).toMatchObject({ id: "ada" });
  });

  test("starts again after everybody had gone", async () => {
    const completions = new Completions({ store: shelf, log, sweep: true });
    completions.wait("ada").leave();
    const wait = completions.wait("bob");
    shelf.orders.set("bob", order("bob", "COMPLETED"));
    await vi.advanceTimersByTimeAsync(1_000);
    expect(await wait.answer).toMatchObject({ id: "bob" });
    expect(vi.getTimerCount()).toBe(0);
  });

  test("runs once, also when everybody has gone and somebody come while it looked", async () => {
    const completions = new Completions({ store: shelf, log, sweep: true });
    const looking = Promise.withResolvers<void>();
    const read = Promise.withResolvers<Order[]>();
    shelf.getMany = () => {
      looking.resolve();
      return read.promise;
    };
    const ada = completions.wait("ada");
    await vi.advanceTimersByTimeAsync(1_000);
    await looking.promise;
    ada.leave();
    completions.wait("bob");
    read.resolve([]);
    await vi.advanceTimersByTimeAsync(0);
    expect(vi.getTimerCount()).toBe(1);
    completions.drain();
    expect(vi.getTimerCount()).toBe(0);
  });

  test("looks soon, and often from then on, for those whom no hint finds any more, as the address has changed", async () => {
    let address = "mailbox-1";
    const completions = new Completions({ store: shelf, log, sweep: true, address: () => address });
    completions.wait("ada");
    await vi.advanceTimersByTimeAsync(600_000);
    const rarely = shelf.reads.length;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(shelf.reads.length - rarely).toBeLessThanOrEqual(3);
    address = "mailbox-2";
    const before = shelf.reads.length;
    await vi.advanceTimersByTimeAsync(500);
    expect(shelf.reads.length).toBe(before + 1);
    // Every 3.75 to 6.25 s, as without hints.
    await vi.advanceTimersByTimeAsync(60_000);
    const often = shelf.reads.length - before;
    expect(often).toBeGreaterThanOrEqual(9);
    expect(often).toBeLessThanOrEqual(18);
  });

  test("runs once for all orders", async () => {
    const completions = new Completions({ store: shelf, log, sweep: true });
    for (let i = 0; i < 50; i++) completions.wait(`order-${i}`);
    expect(vi.getTimerCount()).toBe(1);
    completions.drain();
    expect(vi.getTimerCount()).toBe(0);
  });

  test("is off when told so", () => {
    new Completions({ store: shelf, log, sweep: false }).wait("ada");
    expect(vi.getTimerCount()).toBe(0);
  });
});
