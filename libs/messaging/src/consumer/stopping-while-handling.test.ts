import { ReceiveMessageCommand, type SQSClient } from "@aws-sdk/client-sqs";
import { beforeEach, expect, test } from "vitest";
import { delivery } from "../../test/fixtures/delivery.fixture.ts";
import { Noted } from "../../test/fixtures/notes.fixture.ts";
import { createOutbox, on, poll, subscriber } from "../index.ts";
import { inboxTable, outboxTable } from "../infrastructure.ts";
import { FakeAws, VirtualTime } from "../testing/index.ts";

const visibilityTimeoutSeconds = 15;

let time: VirtualTime;
let aws: FakeAws;
beforeEach(() => {
  time = new VirtualTime();
  aws = new FakeAws({
    time,
    tables: { inbox: inboxTable, outbox: outboxTable },
    queues: { "notes.fifo": { fifo: true } },
  });
});

function send(...texts: string[]): void {
  for (const text of texts) {
    const now = new Date(time.now()).toISOString();
    const { body } = delivery({ data: { text }, time: now });
    aws.sqs.queue("notes.fifo").send({ body, group: "note#1", deduplicationId: text });
  }
}

/** Receives the messages that many times, like consumers that die. The delay after the next failure grows with it. */
function handOut(times: number): void {
  const queue = aws.sqs.queue("notes.fifo");
  for (let time = 0; time < times; time++) {
    for (const { ReceiptHandle } of queue.receive(10)) queue.changeVisibility(ReceiptHandle, 0);
  }
}

/** A process that polls until it is stopped, with the begun and settled texts of its handlers. */
function reader(name: string, handlerTakes: number, endpoint = (sqs: SQSClient) => sqs) {
  const process = aws.process(name);
  const clients = aws.clients(process);
  const { documents } = clients;
  const sqs = endpoint(clients.sqs);
  const { clock } = process;
  const stop = new AbortController();
  const begun: string[] = [];
  const settled: string[] = [];
  const outbox = createOutbox({
    client: documents,
    source: "/notes",
    tables: { outbox: "outbox", inbox: "inbox" },
    clock,
  });
  const readers = subscriber("readers", outbox, [
    on(Noted, async (message) => {
      begun.push(message.data.text);
      await clock.sleep(handlerTakes);
      return message.commit({});
    }),
  ]);
  let hasEnded = false;
  const queueUrl = aws.queueUrl("notes.fifo");
  const onSettled = ({ outcome }: { outcome: string }) => settled.push(outcome);
  void poll(readers, { client: sqs, queueUrl, signal: stop.signal, clock, visibilityTimeoutSeconds, onSettled }).then(
    () => {
      hasEnded = true;
    },
  );
  return { process, begun, settled, stop: () => stop.abort(), hasEnded: () => hasEnded };
}

test("a message stays hidden for as long as its handler runs on after the signal", async () => {
  const stopping = reader("stopping", 3 * visibilityTimeoutSeconds * 1_000);
  send("a", "b");
  await time.pass(() => stopping.begun.length > 0, 1_000);
  stopping.stop();
  const next = reader("next", 0);
  await time.pass(() => stopping.hasEnded(), 120_000);
  expect([stopping.begun, stopping.settled, next.begun]).toEqual([["a"], ["committed"], []]);
  await time.pass(() => next.settled.length > 0, 120_000);
  expect([next.begun, next.settled]).toEqual([["b"], ["committed"]]);
  next.stop();
});

test("a message that waits at the signal is the next consumer's within two seconds", async () => {
  const stopping = reader("stopping", 10_000);
  send("a", "b", "c");
  handOut(20);
  await time.pass(() => stopping.begun.length > 0, 1_000);
  stopping.stop();
  await time.pass(() => stopping.hasEnded(), 60_000);
  const next = reader("next", 0);
  expect(await time.pass(() => next.settled.length === 2, 2_000)).toBe(true);
  next.stop();
});

test("a poll that has ended leaves no timer behind that would keep its process alive", async () => {
  const stopping = reader("stopping", 100);
  send("a", "b");
  await time.pass(() => stopping.settled.length === 2, 60_000);
  expect(stopping.process.timers).toBeGreaterThan(0);
  stopping.stop();
  await time.pass(() => stopping.hasEnded(), 60_000);
  expect(stopping.process.timers).toBe(0);
});

/** An endpoint that carries a receive on when its caller has gone, as SQS and most emulators do. */
function withReceivesCarriedOn(sqs: SQSClient): SQSClient {
  const send = (command: never, { abortSignal }: { abortSignal?: AbortSignal } = {}) =>
    Promise.race([sqs.send(command), aborted(abortSignal)]);
  return Object.create(sqs, { send: { value: send } });
}

/** An endpoint that never answers a receive. */
function withHangingReceives(sqs: SQSClient): SQSClient {
  const send = (command: never, { abortSignal }: { abortSignal?: AbortSignal } = {}) =>
    (command as object) instanceof ReceiveMessageCommand ? aborted(abortSignal) : sqs.send(command);
  return Object.create(sqs, { send: { value: send } });
}

function aborted(signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_, reject) => signal?.addEventListener("abort", () => reject(new Error("aborted"))));
}

test("the first message after a stop is the next consumer's within seconds, also where SQS carries the receive on", async () => {
  const stopping = reader("stopping", 0, withReceivesCarriedOn);
  send("a");
  await time.pass(() => stopping.settled.length > 0, 1_000);
  stopping.stop();
  send("b");
  const next = reader("next", 0, withReceivesCarriedOn);
  expect(await time.pass(() => next.settled.length > 0, 5_000)).toBe(true);
  expect([stopping.begun, next.begun]).toEqual([["a"], ["b"]]);
  expect(stopping.hasEnded()).toBe(true);
  next.stop();
});

test("a stop does not wait for an endpoint that hangs", async () => {
  const stopping = reader("stopping", 0, withHangingReceives);
  await time.pass(() => false, 10_000);
  stopping.stop();
  expect(await time.pass(() => stopping.hasEnded(), 3_500)).toBe(true);
  expect(stopping.process.timers).toBe(0);
});
