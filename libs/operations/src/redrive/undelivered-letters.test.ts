import { expect, test } from "vitest";
import { eventually } from "../test-shop.fixture.ts";
import { deadLetters } from "./dead-letters.ts";
import { dead, undelivered, useDeadOrders } from "./dead-orders.fixture.ts";
import { redrive } from "./redrive.ts";

const { shop, marker, openBar, killOrder } = useDeadOrders();

test("an undelivered letter goes to the queue it was meant for", async () => {
  await using bar = await openBar();
  const events = [...(await shop().commit("order#1", 1, "a")), ...(await shop().commit("order#1", 2, "b"))];
  for (const { json } of events) await shop().send(undelivered, "order#1", json);
  expect((await deadLetters(shop().shop)).letters).toMatchObject([{ from: "undelivered" }]);
  await expect.poll(() => redrive(shop().shop, { from: "undelivered" }), eventually).toMatchObject([{ sent: 2 }]);
  await expect.poll(() => bar.texts(), eventually).toEqual(["a", "b"]);
});

test("an undelivered letter of a blocked aggregate follows behind the dead ones, and opens nothing", async () => {
  await using bar = await openBar("bad");
  await killOrder(bar);
  for (const { json } of await shop().commit("order#1", 6, "f")) {
    await shop().send(undelivered, "order#1", json);
  }
  const blocked = await marker("order#1");
  expect(await redrive(shop().shop, { from: "undelivered", aggregate: "order#1", patienceMs: 1_000 })).toMatchObject([
    { sent: 1, outcome: "redriven" },
  ]);
  await expect.poll(() => shop().depth(dead), eventually).toBe(5);
  expect(await marker("order#1")).toEqual({ ...blocked, upTo: expect.any(String) });
  bar.repair();
  expect(await redrive(shop().shop)).toMatchObject([{ sent: 5, outcome: "redriven" }]);
  await expect.poll(() => bar.texts(), eventually).toEqual(["a", "bad", "c", "d", "e", "f"]);
});
