import { ReceiveMessageCommand, SendMessageCommand } from "@aws-sdk/client-sqs";
import { coffeeShop } from "@doubleshot/shop";
import { queueUrl } from "@doubleshot/topology";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type LocalAws, startLocalAws } from "../index.ts";
import { DeliveryFaults } from "./delivery-faults.ts";

const queue = "doubleshot-barista-subscriber.fifo";
const url = `http://127.0.0.1:9711/000000000000/${queue}`;
const hints = "http://127.0.0.1:9711/000000000000/doubleshot-orders-hints-0198";
const event = { id: "0198-1", type: "OrderPlaced", subject: "0198" };

const answerOf = (...bodies: unknown[]) =>
  JSON.stringify({ Messages: bodies.map((body) => ({ Body: JSON.stringify(body) })) });

/** Faults of the shop's deliveries. Their waits end when the test lets them. */
function faults() {
  const waits: { ms: number; end: () => void }[] = [];
  const wait = (ms: number) => new Promise<void>((end) => void waits.push({ ms, end }));
  return { faults: new DeliveryFaults(coffeeShop.topology, "doubleshot", wait), waits };
}

test("without a fault, every answer stays as it is", async () => {
  const { faults: none } = faults();
  expect(await none.inflict(url, answerOf(event))).toBe(answerOf(event));
});

test("a duplicate gives the consumer the next message twice, once", async () => {
  const { faults: armed } = faults();
  armed.arm({ on: "message", fault: "duplicate", delayMs: 0 });
  expect(await armed.inflict(url, answerOf(event, "other"))).toBe(answerOf(event, event, "other"));
  expect(await armed.inflict(url, answerOf("next"))).toBe(answerOf("next"));
  expect(armed.inflicted).toEqual([
    { on: "message", fault: "duplicate", delayMs: 0, at: expect.any(String), queue, event },
  ]);
  expect(armed.armed).toEqual([]);
});

test("a drop takes the next message out of the answer, and leaves the others", async () => {
  const { faults: armed } = faults();
  armed.arm({ on: "message", fault: "drop", delayMs: 0 });
  expect(await armed.inflict(url, answerOf(event, "other"))).toBe(answerOf("other"));
});

test("a delay holds the answer for its time", async () => {
  const { faults: armed, waits } = faults();
  armed.arm({ on: "message", fault: "delay", delayMs: 3_000 });
  const answer = armed.inflict(url, answerOf(event));
  expect(waits.map(({ ms }) => ms)).toEqual([3_000]);
  waits[0]?.end();
  expect(await answer).toBe(answerOf(event));
});

test("a fault waits over empty answers, and for a delivery of its kind", async () => {
  const { faults: armed } = faults();
  armed.arm({ on: "hint", fault: "drop", delayMs: 0 });
  armed.arm({ on: "message", fault: "duplicate", delayMs: 0 });
  for (const empty of ["{}", '{"Messages":[]}']) expect(await armed.inflict(url, empty)).toBe(empty);
  const dead = url.replace("subscriber", "subscriber-dead");
  expect(await armed.inflict(dead, answerOf(event))).toBe(answerOf(event));
  expect(armed.armed).toHaveLength(2);
  expect(await armed.inflict(hints, answerOf({ hints: [] }))).toBe(answerOf());
  expect(armed.inflicted[0]).not.toHaveProperty("event");
  expect(armed.armed.map(({ on }) => on)).toEqual(["message"]);
});

test("the list of inflicted faults has an end", async () => {
  const { faults: armed } = faults();
  for (let count = 0; count < 150; count++) {
    armed.arm({ on: "message", fault: "drop", delayMs: 0 });
    await armed.inflict(url, answerOf(event));
  }
  expect(armed.inflicted).toHaveLength(100);
});

let aws: LocalAws;
beforeAll(async () => {
  aws = await startLocalAws({ topology: coffeeShop.topology });
});
afterAll(() => aws?.close());

test("a real receive has the fault", async () => {
  const { clients } = aws;
  const QueueUrl = await queueUrl(clients, "doubleshot", "barista-subscriber.fifo");
  aws.faults.armDelivery({ on: "message", fault: "duplicate", delayMs: 0 });
  const MessageBody = JSON.stringify(event);
  const fifo = { MessageGroupId: "0198", MessageDeduplicationId: "0198" };
  await clients.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody, ...fifo }));
  const { Messages = [] } = await clients.longPolls.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 20 }));
  expect(Messages.map(({ Body }) => Body)).toEqual([MessageBody, MessageBody]);
  expect(aws.faults.state()).toMatchObject({ armed: [], inflicted: [{ fault: "duplicate", queue, event }] });
});
