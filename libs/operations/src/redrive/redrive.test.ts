import { expect, test } from "vitest";
import { eventually } from "../test-shop.fixture.ts";
import { deadLetters } from "./dead-letters.ts";
import { dead, queue, useDeadOrders } from "./dead-orders.fixture.ts";
import { redrive } from "./redrive.ts";

const { shop, deliver, marker, openBar, killOrder } = useDeadOrders();

test("sends everything back in order, and opens the aggregate", async () => {
  await using bar = await openBar("bad");
  await killOrder(bar);
  bar.repair();
  expect(await redrive(shop().shop)).toEqual([
    { subscriber: "barista", aggregate: "order#1", sent: 4, dropped: 0, outcome: "redriven" },
  ]);
  await expect.poll(() => bar.texts(), eventually).toEqual(["a", "bad", "c", "d", "e"]);
  expect(await marker("order#1")).toBeUndefined();
  await deliver("order#1", 6, "f");
  await expect.poll(() => bar.texts().at(-1), eventually).toBe("f");
  expect(await shop().depth(dead)).toBe(0);
});

test("sends the letters of the given aggregate only", async () => {
  await using bar = await openBar("bad", "worse");
  await killOrder(bar);
  await deliver("order#2", 1, "worse");
  await expect.poll(() => shop().depth(dead), eventually).toBe(5);
  bar.repair();
  expect(await redrive(shop().shop, { aggregate: "order#2" })).toMatchObject([{ aggregate: "order#2", sent: 1 }]);
  await expect.poll(() => bar.texts(), eventually).toEqual(["a", "worse"]);
  expect(await shop().depth(dead)).toBe(4);
  expect(await marker("order#1")).toBeDefined();
});

test("puts new messages that come while it runs behind the letters", async () => {
  await using bar = await openBar("bad");
  await killOrder(bar);
  bar.repair();
  let newOne: Promise<void> | undefined;
  const onSent = () => {
    newOne ??= deliver("order#1", 6, "f");
  };
  expect(await redrive(shop().shop, { onSent, rate: 20 })).toMatchObject([{ outcome: "redriven" }]);
  await newOne;
  await expect.poll(() => bar.texts(), eventually).toEqual(["a", "bad", "c", "d", "e", "f"]);
  expect(await marker("order#1")).toBeUndefined();
});

test("drops a letter that can never be handled; those behind it are handled", async () => {
  await using bar = await openBar();
  await shop().send(queue, "order#1", "nonsense");
  await deliver("order#1", 1, "a", "b");
  await expect.poll(() => shop().depth(dead), eventually).toBe(3);
  const { letters } = await deadLetters(shop().shop);
  expect(letters[0]).toMatchObject({ type: "", error: expect.stringContaining("UnreadableMessageError") });
  const drop = letters.map(({ id }) => id);
  expect(await redrive(shop().shop, { drop })).toMatchObject([{ sent: 2, dropped: 1, outcome: "redriven" }]);
  await expect.poll(() => bar.texts(), eventually).toEqual(["a", "b"]);
  expect(await marker("order#1")).toBeUndefined();
});

test("without dead letters does nothing", async () => {
  expect(await redrive(shop().shop)).toEqual([]);
});
