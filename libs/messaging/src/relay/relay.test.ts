import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ScriptedTopic } from "../../test/fixtures/scripted-topic.fixture.ts";
import { ample, insertion } from "../../test/fixtures/stream-records.fixture.ts";
import { relay } from "./relay.ts";
import type { RelayOptions } from "./relay-options.ts";

function relayTo(topic: ScriptedTopic, options: Partial<RelayOptions> = {}) {
  return relay({
    client: topic.client,
    topicArn: "arn:aws:sns:us-east-1:123456789012:notes-events.fifo",
    source: "/shop",
    ...options,
  });
}

describe("the relay", () => {
  test("publishes each event with its aggregate as group and its id as deduplication id", async () => {
    const topic = new ScriptedTopic();
    const response = await relayTo(topic)({ Records: [insertion("order#1", 1, ["a"], 0)] }, ample);
    expect(response).toEqual({ batchItemFailures: [] });
    expect(topic.published).toEqual([
      {
        Id: "0",
        Message: "a",
        MessageGroupId: "order#1",
        MessageDeduplicationId: "id-a",
        MessageAttributes: {
          type: { DataType: "String", StringValue: "Happened" },
          source: { DataType: "String", StringValue: "/shop" },
        },
      },
    ]);
  });

  test("publishes an aggregate's events in the order of their versions, also when its records arrive apart", async () => {
    const topic = new ScriptedTopic();
    const Records = [insertion("o#1", 2, ["c"], 0), insertion("o#2", 1, ["x"], 1), insertion("o#1", 1, ["a", "b"], 2)];
    await relayTo(topic)({ Records }, ample);
    expect(topic.messages("o#1")).toEqual(["a", "b", "c"]);
  });

  test("never has two events of one aggregate in a batch", async () => {
    const topic = new ScriptedTopic();
    await relayTo(topic)({ Records: [insertion("o#1", 1, ["a", "b"], 0), insertion("o#2", 1, ["x", "y"], 1)] }, ample);
    for (const batch of topic.batches) {
      expect(new Set(batch.map(({ MessageGroupId }) => MessageGroupId)).size).toBe(batch.length);
    }
    expect(topic.published).toHaveLength(4);
  });

  test.each(["x", "é", "漢", "e\u0301", "\u{1f600}"])("weighs a batch as SNS does, in bytes: %s", async (character) => {
    const topic = new ScriptedTopic();
    const Records = Array.from({ length: 20 }, (_, n) =>
      insertion(`o#${n}`, 1, [`${n}${character.repeat(30_000)}`], n),
    );
    await relayTo(topic)({ Records }, ample);
    for (const batch of topic.batches) {
      const bytes = batch.map(({ Message = "" }) => Buffer.byteLength(Message)).reduce((sum, each) => sum + each, 0);
      expect(bytes).toBeLessThanOrEqual(256 * 1024);
    }
    expect(topic.published).toHaveLength(20);
  });
});

describe("the relay after a failure", () => {
  test("after a failed entry, sends no later event of that aggregate, all of the others, and reports the record", async () => {
    const topic = new ScriptedTopic(({ Message }) => (Message === "b" ? "refuse" : "accept"));
    const Records = [
      insertion("o#2", 1, ["x"], 0),
      insertion("o#1", 1, ["a", "b", "c"], 1),
      insertion("o#2", 2, ["y"], 2),
    ];
    const response = await relayTo(topic)({ Records }, ample);
    expect(topic.messages("o#1")).toEqual(["a"]);
    expect(topic.messages("o#2")).toEqual(["x", "y"]);
    expect(response).toEqual({ batchItemFailures: [{ itemIdentifier: "1001" }] });
  });

  test("takes no entry for published that the answer does not mention", async () => {
    const topic = new ScriptedTopic(({ Message }) => (Message === "b" ? "ignore" : "accept"));
    const Records = [insertion("o#1", 1, ["a"], 0), insertion("o#2", 1, ["b", "c"], 1)];
    const response = await relayTo(topic)({ Records }, ample);
    expect(topic.messages()).toEqual(["a"]);
    expect(response).toEqual({ batchItemFailures: [{ itemIdentifier: "1001" }] });
  });

  test("reports the lowest unsent record, also when the one that failed came later in the batch", async () => {
    const topic = new ScriptedTopic(({ Message }) => (Message === "first" ? "refuse" : "accept"));
    const Records = [insertion("o#1", 2, ["second"], 0), insertion("o#1", 1, ["first"], 1)];
    expect(await relayTo(topic)({ Records }, ample)).toEqual({ batchItemFailures: [{ itemIdentifier: "1000" }] });
  });

  test("takes a call that failed as a whole for an outage, and stops", async () => {
    const topic = new ScriptedTopic(() => "lose the call");
    const Records = Array.from({ length: 60 }, (_, n) => insertion(`o#${n}`, 1, [`m${n}`], n));
    const response = await relayTo(topic, { concurrency: 1 })({ Records }, ample);
    expect(topic.batches).toHaveLength(1);
    expect(response).toEqual({ batchItemFailures: [{ itemIdentifier: "1000" }] });
  });

  test("begins no call near the deadline, and reports what is left", async () => {
    const topic = new ScriptedTopic();
    const late = { getRemainingTimeInMillis: () => 500 };
    const response = await relayTo(topic)({ Records: [insertion("o#1", 1, ["a"], 0)] }, late);
    expect(topic.batches).toHaveLength(0);
    expect(response).toEqual({ batchItemFailures: [{ itemIdentifier: "1000" }] });
  });

  test("throws instead of reporting for hosts that ignore reports", async () => {
    const topic = new ScriptedTopic(() => "refuse");
    const run = relayTo(topic, { failures: "throw" })({ Records: [insertion("o#1", 1, ["a"], 0)] }, ample);
    await expect(run).rejects.toThrow("Events from stream record 1000 on are not published");
  });
});

describe("the relay's rows and batches", () => {
  test("publishes nothing for changed and removed rows", async () => {
    const topic = new ScriptedTopic();
    const Records = (["MODIFY", "REMOVE"] as const).map((eventName) => ({
      ...insertion("o#1", 1, ["a"], 0),
      eventName,
    }));
    expect(await relayTo(topic)({ Records }, ample)).toEqual({ batchItemFailures: [] });
    expect(topic.batches).toHaveLength(0);
  });

  test("holds back an aggregate behind a row edited into nonsense, and nobody else", async () => {
    const topic = new ScriptedTopic();
    const nonsense = insertion("o#1", 1, [], 0);
    if (nonsense.dynamodb?.NewImage) nonsense.dynamodb.NewImage.events = { S: "nonsense" };
    const Records = [nonsense, insertion("o#1", 2, ["b"], 1), insertion("o#2", 1, ["x"], 2)];
    const response = await relayTo(topic)({ Records }, ample);
    expect(topic.messages()).toEqual(["x"]);
    expect(response).toEqual({ batchItemFailures: [{ itemIdentifier: "1000" }] });
  });

  test("packs batches by bytes as well as by count", async () => {
    const topic = new ScriptedTopic();
    const big = "x".repeat(100_000);
    const Records = Array.from({ length: 6 }, (_, n) => insertion(`o#${n}`, 1, [`${n}${big}`], n));
    await relayTo(topic)({ Records }, ample);
    for (const batch of topic.batches) {
      const bytes = batch.reduce((sum, { Message = "" }) => sum + Buffer.byteLength(Message), 0);
      expect(bytes).toBeLessThanOrEqual(256 * 1024);
    }
    expect(topic.published).toHaveLength(6);
  });

  test("each aggregate's events go out in order without gaps through any failures, and retries from the report lose none", async () => {
    const anEvent = fc.record({ aggregate: fc.integer({ min: 0, max: 4 }), failures: fc.integer({ min: 0, max: 2 }) });
    await fc.assert(
      fc.asyncProperty(fc.array(anEvent, { maxLength: 40 }), async (events) => {
        const left = new Map(events.map(({ failures }, n) => [`m${n}`, failures]));
        const topic = new ScriptedTopic(({ Message = "" }) => {
          const failures = left.get(Message) ?? 0;
          left.set(Message, failures - 1);
          return failures > 0 ? "refuse" : "accept";
        });
        const versions = new Map<number, number>();
        let Records = events.map(({ aggregate }, n) => {
          const version = (versions.get(aggregate) ?? 0) + 1;
          versions.set(aggregate, version);
          return insertion(`o#${aggregate}`, version, [`m${n}`], n);
        });
        while (Records.length > 0) {
          const { batchItemFailures } = await relayTo(topic)({ Records }, ample);
          const from = batchItemFailures[0]?.itemIdentifier;
          Records =
            from === undefined
              ? []
              : Records.filter(({ dynamodb }) => Number(dynamodb?.SequenceNumber) >= Number(from));
        }
        for (let aggregate = 0; aggregate <= 4; aggregate++) {
          const expected = events.flatMap((event, n) => (event.aggregate === aggregate ? [`m${n}`] : []));
          const firstTimes = [...new Set(topic.messages(`o#${aggregate}`))];
          expect(firstTimes).toEqual(expected);
        }
      }),
    );
  });
});
