import {
  CreateBucketCommand,
  GetBucketLifecycleConfigurationCommand,
  HeadObjectCommand,
  PutBucketLifecycleConfigurationCommand,
  PutObjectCommand,
} from "@aws-sdk/client-s3";
import { PublishBatchCommand, PublishCommand } from "@aws-sdk/client-sns";
import { DeleteQueueCommand, SetQueueAttributesCommand, StartMessageMoveTaskCommand } from "@aws-sdk/client-sqs";
import { startFauxqs } from "fauxqs";
import { expect, onTestFinished, test, vi } from "vitest";
import { newFolder } from "../processes.fixture.ts";
import { bodies, errorOf, startBareMessaging } from "./messaging.fixture.ts";

// Differences of fauxqs 2.4.1 from AWS, and the behaviour that we rely on. docs/quirks.md names the consequence of each.

test("ChangeMessageVisibility(0) on durable data fails and holds the message until a restart; 1 second works", async () => {
  const folder = newFolder();
  const first = await startBareMessaging(folder);
  const url = await first.queue("jobs");
  // Without the SDK, which tries again after the 500 and then meets a 400 that hides the cause.
  const change = async (ReceiptHandle: string | undefined, VisibilityTimeout: number) => {
    const headers = {
      "content-type": "application/x-amz-json-1.0",
      "x-amz-target": "AmazonSQS.ChangeMessageVisibility",
    };
    const body = JSON.stringify({ QueueUrl: url, ReceiptHandle, VisibilityTimeout });
    return (await fetch(first.url, { method: "POST", headers, body })).status;
  };

  await first.send(url, "one second");
  const [released] = await first.receive(url);
  expect(await change(released?.ReceiptHandle, 1)).toBe(200);
  const [again] = await first.receive(url, { waitSeconds: 5 });
  expect(again?.Body).toBe("one second");
  if (again) await first.remove(url, again);

  await first.send(url, "stuck");
  const [stuck] = await first.receive(url, { visibilitySeconds: 1 });
  expect(await change(stuck?.ReceiptHandle, 0)).toBe(500);
  expect(bodies(await first.receive(url, { waitSeconds: 2 }))).toEqual([]);

  await first.close();
  const second = await startBareMessaging(folder);
  expect(bodies(await second.receive(url, { waitSeconds: 5 }))).toEqual(["stuck"]);
});

test("one message of a group per receive, the next once it is gone", async () => {
  const { queue, send, receive, remove } = await startBareMessaging();
  const url = await queue("jobs.fifo");
  for (const body of ["a1", "a2", "a3"]) await send(url, body, { group: "a" });
  for (const body of ["b1", "b2"]) await send(url, body, { group: "b" });
  const first = await receive(url);
  expect(bodies(first).sort()).toEqual(["a1", "b1"]);
  expect(await receive(url)).toEqual([]);
  for (const message of first) await remove(url, message);
  expect(bodies(await receive(url)).sort()).toEqual(["a2", "b2"]);
});

test("SendMessage refuses emoji, SNS lets them through to the queue, escapes pass both", async () => {
  const { queue, queueArn, topic, subscribe, send, receive, clients } = await startBareMessaging();
  const url = await queue("jobs.fifo");
  const topicArn = await topic("news.fifo");
  await subscribe(topicArn, await queueArn(url));
  expect((await errorOf(send(url, "☕😀", { group: "a" }))).message).toContain("Invalid characters");

  const message = { TopicArn: topicArn, Message: "☕😀", MessageGroupId: "b", MessageDeduplicationId: "1" };
  await clients.sns.send(new PublishCommand(message));
  expect(bodies(await receive(url, { waitSeconds: 5 }))).toEqual(["☕😀"]);
  const escaped = '{"name":"\\u2615\\ud83d\\ude00"}';
  await send(url, escaped, { group: "c" });
  expect(bodies(await receive(url, { waitSeconds: 5 }))).toEqual([escaped]);
});

test("there is no StartMessageMoveTask", async () => {
  const { queue, queueArn, clients } = await startBareMessaging();
  const SourceArn = await queueArn(await queue("dead"));
  const error = await errorOf(clients.sqs.send(new StartMessageMoveTaskCommand({ SourceArn })));
  expect(`${error.name} ${error.message}`).toMatch(/UnsupportedOperation|InvalidAction|UnknownOperation/);
});

test("a message that cannot be delivered to a subscription is lost, even with a dead-letter queue", async () => {
  const { queue, queueArn, topic, subscribe, receive, clients } = await startBareMessaging();
  const target = await queue("target.fifo");
  const undelivered = await queue("undelivered.fifo");
  const topicArn = await topic("news.fifo");
  const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: await queueArn(undelivered) });
  await subscribe(topicArn, await queueArn(target), { RedrivePolicy });
  await clients.sqs.send(new DeleteQueueCommand({ QueueUrl: target }));
  const message = { TopicArn: topicArn, Message: "lost", MessageGroupId: "a", MessageDeduplicationId: "1" };
  await clients.sns.send(new PublishCommand(message));
  expect(await receive(undelivered, { waitSeconds: 1 })).toEqual([]);
});

test("messages never expire", async () => {
  const { queue, send, receive } = await startBareMessaging();
  const url = await queue("jobs", { MessageRetentionPeriod: "60" });
  await send(url, "old");
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 24 * 60 * 60 * 1000 });
  onTestFinished(() => void vi.useRealTimers());
  expect(bodies(await receive(url))).toEqual(["old"]);
});

test("a repeated deduplication id is swallowed, but not after a restart", async () => {
  const folder = newFolder();
  const first = await startBareMessaging(folder);
  const url = await first.queue("jobs.fifo");
  const drain = async ({ receive, remove }: typeof first) => {
    const messages = await receive(url);
    for (const message of messages) await remove(url, message);
    return bodies(messages);
  };
  await first.send(url, "body", { group: "a", id: "1" });
  expect(await drain(first)).toEqual(["body"]);
  await first.send(url, "body", { group: "a", id: "1" });
  expect(await drain(first)).toEqual([]);
  await first.close();

  const second = await startBareMessaging(folder);
  await second.send(url, "body", { group: "a", id: "1" });
  expect(await drain(second)).toEqual(["body"]);
});

test("high-throughput settings are taken at creation and refused later", async () => {
  const { queue, clients } = await startBareMessaging();
  const attributes = { DeduplicationScope: "messageGroup", FifoThroughputLimit: "perMessageGroupId" };
  const url = await queue("jobs.fifo", attributes);
  const change = new SetQueueAttributesCommand({ QueueUrl: url, Attributes: attributes });
  expect((await errorOf(clients.sqs.send(change))).name).toContain("InvalidAttributeName");
});

test("subscribing again is fine with the same attributes and an error with others", async () => {
  const { queue, queueArn, topic, subscribe } = await startBareMessaging();
  const arn = await queueArn(await queue("jobs.fifo"));
  const topicArn = await topic("news.fifo");
  const first = await subscribe(topicArn, arn);
  expect((await subscribe(topicArn, arn)).SubscriptionArn).toBe(first.SubscriptionArn);
  const error = await errorOf(subscribe(topicArn, arn, { RawMessageDelivery: "false" }));
  expect(error.name).toMatch(/InvalidParameter/);
});

test("a standard queue delivers in the order sent (AWS promises none)", async () => {
  const { queue, send, receive } = await startBareMessaging();
  const url = await queue("jobs");
  const sent = Array.from({ length: 40 }, (_, index) => String(index));
  for (const body of sent) await send(url, body);
  const received: (string | undefined)[] = [];
  while (received.length < sent.length) received.push(...bodies(await receive(url)));
  expect(received).toEqual(sent);
});

test("a deleted queue's name is free at once (AWS blocks it for 60 seconds)", async () => {
  const { queue, clients } = await startBareMessaging();
  const url = await queue("hints");
  await clients.sqs.send(new DeleteQueueCommand({ QueueUrl: url }));
  expect(await queue("hints")).toBe(url);
});

test("order within a group survives a restart, an unfinished message included", async () => {
  const folder = newFolder();
  const first = await startBareMessaging(folder);
  const url = await first.queue("jobs.fifo");
  for (const body of ["1", "2", "3"]) await first.send(url, body, { group: "a" });
  expect(bodies(await first.receive(url, { visibilitySeconds: 1 }))).toEqual(["1"]);
  await first.close();

  const second = await startBareMessaging(folder);
  const order: (string | undefined)[] = [];
  while (order.length < 3) {
    for (const message of await second.receive(url, { waitSeconds: 5 })) {
      order.push(message.Body);
      await second.remove(url, message);
    }
  }
  expect(order).toEqual(["1", "2", "3"]);
});

test("a queue is found by its URL after fauxqs has moved to another port", async () => {
  const folder = newFolder();
  const first = await startBareMessaging(folder);
  const url = await first.queue("jobs");
  await first.close();
  const second = await startBareMessaging(folder);
  await second.send(url, "found");
  expect(bodies(await second.receive(url))).toEqual(["found"]);
});

test("a message over 256 KiB is refused, a batch of smaller ones over 256 KiB in all is taken (AWS refuses it)", async () => {
  const { topic, clients } = await startBareMessaging();
  const TopicArn = await topic("news.fifo");
  const entry = (Id: string, kilobytes: number) => {
    const Message = Id.repeat(kilobytes * 1024);
    return { Id, Message, MessageGroupId: Id, MessageDeduplicationId: Id };
  };
  const publish = (...entries: ReturnType<typeof entry>[]) =>
    clients.sns.send(new PublishBatchCommand({ TopicArn, PublishBatchRequestEntries: entries }));
  const { Failed: refused } = await publish(entry("1", 257));
  expect(refused).toEqual([expect.objectContaining({ Id: "1", SenderFault: true })]);
  const { Failed = [], Successful } = await publish(entry("2", 200), entry("3", 200));
  expect(Failed).toEqual([]);
  expect(Successful).toHaveLength(2);
});

test("startFauxqs listens on every interface: the reason why we wire its parts ourselves, on loopback", async () => {
  const server = await startFauxqs({ port: 0, logger: false });
  onTestFinished(() => server.stop());
  // Another loopback address stands for the machine's other interfaces.
  const elsewhere = await fetch(`http://127.0.0.2:${server.port}/health`);
  expect(elsewhere.status).toBe(200);

  const { url } = await startBareMessaging();
  await expect(fetch(`http://127.0.0.2:${new URL(url).port}/health`)).rejects.toThrow();
  expect((await fetch(`${url}/health`)).status).toBe(200);
});

test("a bucket keeps its lifecycle rule and never applies it: an object has no time of its expiry", async () => {
  const { s3 } = (await startBareMessaging()).clients;
  const Bucket = "claims";
  await s3.send(new CreateBucketCommand({ Bucket }));
  const Rules = [{ ID: "expire", Status: "Enabled", Filter: { Prefix: "" }, Expiration: { Days: 35 } } as const];
  await s3.send(new PutBucketLifecycleConfigurationCommand({ Bucket, LifecycleConfiguration: { Rules } }));
  expect((await s3.send(new GetBucketLifecycleConfigurationCommand({ Bucket }))).Rules).toMatchObject(Rules);
  await s3.send(new PutObjectCommand({ Bucket, Key: "large", Body: "x" }));
  expect((await s3.send(new HeadObjectCommand({ Bucket, Key: "large" }))).Expiration).toBeUndefined();
});
