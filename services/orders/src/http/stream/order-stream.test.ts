import { Writable } from "node:stream";
import { uuidv7 } from "@doubleshot/messaging";
import type { Response } from "express";
import { expect, test } from "vitest";
import type { Order } from "../../order/order.ts";
import type { Watch, Watched, WatchOrder } from "../../watch-order/watch-order.ts";
import { streamOrder } from "./order-stream.ts";

/** A client that reads nothing before `read()`. */
class SlowClient extends Writable {
  text = "";
  readonly #unread: (() => void)[] = [];
  #reading = false;

  constructor() {
    super({ highWaterMark: 1 });
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString();
    if (this.#reading) done();
    else this.#unread.push(done);
  }

  status(): this {
    return this;
  }

  set(): this {
    return this;
  }

  read(): void {
    this.#reading = true;
    for (const done of this.#unread.splice(0)) done();
  }
}

test("a client that does not read misses intermediate states and gets the latest one", async () => {
  const placed: Order = {
    id: uuidv7(),
    version: 1,
    status: "PLACED",
    items: [{ sku: "americano", quantity: 1 }],
    placedAt: "2026-01-31T08:30:00.000Z",
  } as Order;
  let now = placed;
  let watches = 0;
  const watchOrder = {
    watch: async ({ until }: Watch): Promise<Watched> => {
      watches += 1;
      if (!until(now)) throw new Error("watch() was called for a version that the order already has");
      return { outcome: "reached", order: now };
    },
  } as unknown as WatchOrder;
  const client = new SlowClient();
  const response = client as unknown as Response;
  const following = streamOrder(placed, {
    watchOrder,
    response,
    lastSeen: undefined,
    gone: new AbortController().signal,
  });
  now = { ...placed, version: 2, status: "BREWING", startedAt: placed.placedAt } as Order;
  await new Promise(setImmediate);
  expect(watches).toBe(0);
  now = { ...now, version: 3, status: "COMPLETED", completedAt: placed.placedAt } as Order;
  client.read();
  await following;
  const statuses = [...client.text.matchAll(/"status":"(\w+)"/g)].map(([, status]) => status);
  expect([statuses, client.writableEnded]).toEqual([["PLACED", "COMPLETED"], true]);
});
