import { expect, test } from "vitest";
import { eventually } from "../test-shop.fixture.ts";
import { deadLetters } from "./dead-letters.ts";
import { useDeadOrders } from "./dead-orders.fixture.ts";

const { shop, openBar, killOrder } = useDeadOrders();

test("a list has the first letters with their errors, and leaves them in the queue", async () => {
  await using bar = await openBar("bad");
  await killOrder(bar);
  const { letters, total } = await deadLetters(shop().shop);
  expect(total).toBe(4);
  expect(letters[0]).toMatchObject({
    subscriber: "barista",
    aggregate: "order#1",
    type: "OrderPlaced",
    error: "Error: cannot brew bad",
    attempts: 1,
  });
  await expect.poll(async () => (await deadLetters(shop().shop)).letters[0]?.aggregate, eventually).toBe("order#1");
  expect((await deadLetters(shop().shop, { aggregateOrId: "order#2" })).letters).toEqual([]);
});
