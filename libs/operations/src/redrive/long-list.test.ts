import { expect, test } from "vitest";
import { FakeShop } from "../fake-shop.fixture.ts";
import { deadLetters } from "./dead-letters.ts";

const dead = "barista-subscriber-dead.fifo";

/** Dead letters, each of its own aggregate. */
function shopWith(count: number) {
  const shop = new FakeShop();
  const queue = shop.queue(dead);
  for (let number = 0; number < count; number++) {
    queue.send({ body: "{}", group: `order#${number}`, deduplicationId: String(number) });
  }
  return { shop, queue };
}

test("a list ends at its limit, counts the rest, and hides no letter for longer than a moment", async () => {
  const { shop, queue } = shopWith(40);
  const { result } = await shop.operate((each) => deadLetters(each, { limit: 15 }));
  expect(result?.letters).toHaveLength(15);
  expect(result?.total).toBe(40);
  // Two batches of ten: the rest of the queue was not received at all.
  expect(queue.messages.filter(({ receiveCount }) => receiveCount > 0)).toHaveLength(20);
  await shop.time.pass(() => false, 1_100);
  expect(queue.messages.filter(({ hiddenUntil }) => hiddenUntil > shop.time.now())).toEqual([]);
});

test("a flooded queue hides no letter of another subscriber, and the list names the queue that has more", async () => {
  const { shop } = shopWith(40);
  shop.queue("orders-subscriber-dead.fifo").send({ body: "{}", group: "order#1", deduplicationId: "1" });
  const { result } = await shop.operate((each) => deadLetters(each, { limit: 15 }));
  expect(Map.groupBy(result?.letters ?? [], ({ subscriber }) => subscriber).get("orders")).toHaveLength(1);
  expect(result).toMatchObject({ total: 41, more: [{ subscriber: "barista", from: "dead", count: 25 }] });
});

test("a list of one subscriber leaves the queues of the others alone", async () => {
  const { shop, queue } = shopWith(1);
  const { result } = await shop.operate((each) => deadLetters(each, { subscriber: "orders" }));
  expect([result, queue.messages[0]?.receiveCount]).toEqual([{ letters: [], total: 0, more: [] }, 0]);
});

test("a list that is slower than the letters reappear ends with each of them once", async () => {
  const { shop, queue } = shopWith(15);
  let receives = 0;
  const { result } = await shop.operate((each) => {
    each.clients.longPolls.middlewareStack.add(
      (next, { commandName }) =>
        async (args) => {
          const answer = await next(args);
          // As after the time of the letters in hand.
          if (commandName === "ReceiveMessageCommand" && receives++ < 50) {
            const hidden = queue.messages.filter(({ hiddenUntil }) => hiddenUntil > shop.time.now());
            for (const { receipt } of hidden) queue.changeVisibility(receipt, 0);
          }
          return answer;
        },
      { step: "initialize", priority: "high" },
    );
    return deadLetters(each);
  });
  // Letters appear again in the second or third batch, and each other queue is empty.
  expect(receives).toBeGreaterThan(1);
  expect(receives).toBeLessThan(20);
  const ids = result?.letters.map(({ aggregate }) => aggregate) ?? [];
  expect(ids.length).toBeGreaterThan(0);
  expect(new Set(ids).size).toBe(ids.length);
});
