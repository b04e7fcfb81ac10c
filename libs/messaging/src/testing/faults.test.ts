import { SendMessageCommand } from "@aws-sdk/client-sqs";
import { PutCommand } from "@aws-sdk/lib-dynamodb";
import { describe, expect, test } from "vitest";
import { options, readers } from "./fake-aws.fixture.ts";
import { FakeAws } from "./fake-aws.ts";
import { queueUrl } from "./sqs/fake-sqs.ts";
import { VirtualTime } from "./time/virtual-time.ts";

describe("the fake's faults", () => {
  test("refuse whatever a queue is sent for a while, and not what a topic brings it", async () => {
    const time = new VirtualTime();
    const aws = new FakeAws({ ...options, time, latencyMs: [0, 0], faults: { "send-refused": 1 } });
    const { sqs } = aws.clients();
    const send = (id: string, queue = readers) =>
      sqs.send(new SendMessageCommand({ ...queue, MessageBody: id, MessageGroupId: "a", MessageDeduplicationId: id }));
    await expect(send("first")).rejects.toMatchObject({ name: "InvalidParameterValue" });
    aws.faults.cease();
    await expect(send("second")).rejects.toMatchObject({ name: "InvalidParameterValue" });
    await send("elsewhere", { QueueUrl: queueUrl("writers.fifo") });
    aws.sns.topic("news.fifo").publish({ body: "brought", group: "a", deduplicationId: "brought" });
    await time.pass(() => false, 30_000);
    await send("third");
    expect(aws.sqs.queue("readers.fifo").messages.map(({ body }) => body)).toEqual(["brought", "third"]);
    expect(aws.faults.counts.get("send-refused")).toBe(2);
  });

  test("lose a request, or only its answer", async () => {
    const time = new VirtualTime();
    const changes: number[] = [];
    const onChange = () => changes.push(time.now());
    for (const [fault, effects] of [
      ["request-lost", 0],
      ["answer-lost", 1],
      ["request-late", 2],
      ["throttled", 2],
    ] as const) {
      const { documents } = new FakeAws({ ...options, time, onChange, faults: { [fault]: 1 } }).clients();
      const put = documents.send(new PutCommand({ TableName: "rows", Item: { aggregate: "a", version: 1 } }));
      await Promise.all([expect(put).rejects.toThrow(), time.pass(() => false, 10_000)]);
      expect(changes).toHaveLength(effects);
    }
  });

  test("are counted, and the same for the same seed", async () => {
    const counts = async (seed: number) => {
      const time = new VirtualTime();
      const aws = new FakeAws({ ...options, time, seed, faults: { "request-lost": 0.2, throttled: 0.2 } });
      const { documents } = aws.clients();
      for (let version = 0; version < 50; version++) {
        const put = documents.send(new PutCommand({ TableName: "rows", Item: { aggregate: "a", version } }));
        await Promise.all([put.catch(() => undefined), time.pass(() => false, 10_000)]);
      }
      return [...aws.faults.counts];
    };
    expect(await counts(1)).toEqual(await counts(1));
    expect(await counts(1)).not.toEqual(await counts(2));
  });
});
