import { randomUUID } from "node:crypto";
import { uuidv7 } from "@doubleshot/messaging";
import { fakeAws } from "@doubleshot/service-host/testing";
import { beforeEach, describe, expect, test } from "vitest";
import { type Counter, json, useCounters } from "./counter.fixture.ts";

// A phone that leaves the Wi-Fi has another address when it sends its order again.

const all = useCounters(fakeAws);
const [wifi, mobile] = ["192.0.2.1", "198.51.100.9"];
let counter: Counter;
beforeEach(async () => {
  counter = await all.open({ RATE_BURST: "1", RATE_PER_SECOND: "0.01" });
});

const post = (key: string, from: string, body: object = {}) =>
  counter.post("/orders", { "idempotency-key": key, "x-forwarded-for": from }, body);

async function placed(key: string, from: string): Promise<unknown> {
  const response = await post(key, from);
  expect(response.status).toBe(201);
  return (await json(response)).id;
}

describe("a random UUID of a guest", () => {
  test.each([randomUUID(), randomUUID().toUpperCase(), uuidv7(), `"${randomUUID()}"`])(
    "is one order from every address, also where none is reported: %s",
    async (key) => {
      const id = await placed(key, wifi);
      for (const address of [mobile, "2001:db8::1", "unknown", wifi]) expect(await placed(key, address)).toBe(id);
      expect(await all.orderIds()).toEqual([id]);
    },
  );

  test("is one order when it is sent from two addresses at once", async () => {
    const key = randomUUID();
    const ids = await Promise.all([placed(key, wifi), placed(key, mobile)]);
    expect(await all.orderIds()).toEqual([ids[0]]);
    expect(ids[1]).toBe(ids[0]);
  });

  test("finds its order from an address that is over its limit", async () => {
    const key = randomUUID();
    const id = await placed(key, wifi);
    await placed(randomUUID(), mobile);
    expect((await post(randomUUID(), mobile)).status).toBe(429);
    expect(await placed(key, mobile)).toBe(id);
  });

  test("stands for its own request alone", async () => {
    const key = randomUUID();
    await placed(key, wifi);
    expect((await post(key, mobile, { name: "Eve" })).status).toBe(422);
  });
});

test.each([
  ["a counter", "order-1"],
  ["hexadecimal digits", "0123456789abcdef0123456789abcdef"],
  ["a UUID of a time and a machine", "6ba7b810-9dad-11d1-80b4-00c04fd430c8"],
  ["the nil UUID", "00000000-0000-0000-0000-000000000000"],
])("a key that others may choose, too, is another key from another address: %s", async (_, key) => {
  expect(await placed(key, wifi)).not.toBe(await placed(key, mobile));
  expect((await post(key, "unknown")).status).toBe(400);
});
