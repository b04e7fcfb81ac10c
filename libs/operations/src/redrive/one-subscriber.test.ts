import { expect, test } from "vitest";
import { FakeShop } from "../fake-shop.fixture.ts";
import { redrive } from "./redrive.ts";

test("a run for one subscriber leaves the letters of the same aggregate at the others", async () => {
  const shop = new FakeShop();
  const aggregate = "order#1";
  const queues = ["barista", "orders"].map((name) => shop.queue(`${name}-subscriber-dead.fifo`));
  for (const queue of queues) queue.send({ body: "{}", group: aggregate, deduplicationId: "1" });
  const run = { subscriber: "barista", aggregate, patienceMs: 100 };
  const { result } = await shop.operate((each) => redrive(each, run));
  expect(result).toMatchObject([{ subscriber: "barista", sent: 1 }]);
  expect(queues.map(({ messages }) => messages.length)).toEqual([0, 1]);
});
