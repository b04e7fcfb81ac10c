import { PublishBatchCommand, PublishCommand } from "@aws-sdk/client-sns";
import { DeleteMessageCommand, ReceiveMessageCommand, SendMessageCommand } from "@aws-sdk/client-sqs";
import { describe, expect, test } from "vitest";
import { options, readers } from "../fake-aws.fixture.ts";
import { FakeAws } from "../fake-aws.ts";
import { VirtualTime } from "../time/virtual-time.ts";

const message = (Message: string, MessageGroupId = "a") => ({
  TopicArn: "arn:aws:sns:us-east-1:000000000000:news.fifo",
  Message,
  MessageGroupId,
  MessageDeduplicationId: Message,
});
const receive = {
  ...readers,
  MaxNumberOfMessages: 10,
  WaitTimeSeconds: 1,
  MessageSystemAttributeNames: ["All" as const],
};

describe("the fake's topics and queues", () => {
  test("bring each message to each queue once, and hold a group while one of it is in flight", async () => {
    const time = new VirtualTime();
    const { sns, sqs } = new FakeAws({ ...options, time, latencyMs: [0, 0], seed: 3 }).clients();
    for (const body of ["1", "2", "3", "2"]) await sns.send(new PublishCommand(message(body)));
    await sns.send(new PublishCommand(message("x", "b")));
    await time.pass(() => false, 100);
    const bodies: string[] = [];
    while (bodies.length < 4) {
      const { Messages = [] } = await sqs.send(new ReceiveMessageCommand(receive));
      const groups = Messages.map(({ Attributes }) => Attributes?.MessageGroupId);
      const { Messages: meanwhile = [] } = await sqs.send(
        new ReceiveMessageCommand({ ...receive, WaitTimeSeconds: 0 }),
      );
      expect(meanwhile.some(({ Attributes }) => groups.includes(Attributes?.MessageGroupId))).toBe(false);
      for (const { Body = "", ReceiptHandle } of [...Messages, ...meanwhile]) {
        bodies.push(Body);
        await sqs.send(new DeleteMessageCommand({ ...readers, ReceiptHandle }));
      }
    }
    expect(bodies.filter((body) => body !== "x")).toEqual(["1", "2", "3"]);
  });

  test("hand a message out again when its visibility has run out, and take no old receipt for it", async () => {
    const time = new VirtualTime();
    const { sqs } = new FakeAws({ ...options, time, latencyMs: [0, 0] }).clients();
    await sqs.send(
      new SendMessageCommand({ ...readers, MessageBody: "m", MessageGroupId: "a", MessageDeduplicationId: "m" }),
    );
    const first = (await sqs.send(new ReceiveMessageCommand({ ...receive, VisibilityTimeout: 5 }))).Messages?.[0];
    const again = sqs.send(new ReceiveMessageCommand({ ...receive, WaitTimeSeconds: 20 }));
    await time.pass(() => false, 6_000);
    const second = (await again).Messages?.[0];
    expect(second?.Attributes?.ApproximateReceiveCount).toBe("2");
    const remove = (ReceiptHandle = "") => sqs.send(new DeleteMessageCommand({ ...readers, ReceiptHandle }));
    await expect(remove(first?.ReceiptHandle)).rejects.toThrow("The receipt handle has expired");
    await remove(second?.ReceiptHandle);
  });

  test("swallow repeats for five minutes and no longer", async () => {
    const time = new VirtualTime();
    const aws = new FakeAws({ ...options, time, latencyMs: [0, 0] });
    const { sns } = aws.clients();
    for (const wait of [0, 4 * 60_000, 2 * 60_000]) {
      time.after(wait, () => void sns.send(new PublishCommand(message("m"))));
      await time.pass(() => false, wait);
    }
    expect(aws.sns.topic("news.fifo").taken).toHaveLength(2);
  });
});

describe("the fake's batches and long polls", () => {
  test("take and refuse the entries of a batch each by itself", async () => {
    const aws = new FakeAws({ ...options, refuses: ({ Message }) => Message === "bad" });
    const { sns } = aws.clients();
    const entries = ["bad", "good"].map((body, index) => ({ Id: String(index), ...message(body) }));
    const { TopicArn } = message("");
    const { Successful, Failed } = await sns.send(
      new PublishBatchCommand({ TopicArn, PublishBatchRequestEntries: entries }),
    );
    expect(Successful?.map(({ Id }) => Id)).toEqual(["1"]);
    expect(Failed).toMatchObject([{ Id: "0", SenderFault: true }]);
    expect(aws.sns.topic("news.fifo").taken.map(({ body }) => body)).toEqual(["good"]);
  });

  test("end a long poll when its caller aborts it", async () => {
    const time = new VirtualTime();
    const { sqs } = new FakeAws({ ...options, time }).clients();
    const stop = new AbortController();
    const polling = sqs.send(new ReceiveMessageCommand({ ...receive, WaitTimeSeconds: 20 }), {
      abortSignal: stop.signal,
    });
    time.after(100, () => stop.abort());
    await Promise.all([expect(polling).rejects.toMatchObject({ name: "AbortError" }), time.pass(() => false, 200)]);
  });
});
