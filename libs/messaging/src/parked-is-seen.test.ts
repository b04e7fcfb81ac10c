import type { DynamoDBRecord } from "aws-lambda";
import { beforeEach, expect, test } from "vitest";
import { handClock } from "./hand-clock.fixture.ts";
import { releaseParked } from "./parked.ts";
import { relay } from "./relay.ts";
import { ScriptedTopic } from "./scripted-topic.fixture.ts";
import { ample, insertion } from "./stream-records.fixture.ts";
import { FakeAws } from "./testing/index.ts";

let aws: FakeAws;
let hand: ReturnType<typeof handClock>;
beforeEach(() => {
  const key = { partition: { name: "aggregate", type: "S" }, sort: { name: "version", type: "N" } } as const;
  aws = new FakeAws({ tables: { parked: { key } } });
  hand = handClock();
});

/** One process of the relay, for which the topic refuses these. */
function relaying(...refused: string[]) {
  const topic = new ScriptedTopic(({ Message = "" }) => (refused.includes(Message) ? "poison" : "accept"));
  const handler = relay({
    client: topic.client,
    topicArn: "arn:topic",
    source: "/notebook",
    parking: { client: aws.clients().documents, table: "parked", clock: hand.clock },
  });
  const invoke = (Records: DynamoDBRecord[], deadline = ample) => handler({ Records }, deadline);
  return { topic, invoke };
}

/** Resolves when the invocation waits for all to see what it has parked, which it then does for ever. */
async function dies(_: Promise<unknown>): Promise<void> {
  const { sleep } = hand.clock;
  await new Promise<void>((died) => {
    hand.clock.sleep = () => new Promise(() => died());
  });
  hand.clock.sleep = sleep;
}

/** `upTo` has been reached by parking one row after the other. */
const release = (aggregate: string, upTo: number) =>
  releaseParked(
    { client: aws.clients().documents, table: "parked", clock: hand.clock },
    { aggregate, upTo, changes: upTo },
  );

const sent = { batchItemFailures: [] };

test("an invocation that has parked something ends when relays see it that had seen nothing parked", async () => {
  const [one, other] = [relaying("a"), relaying()];
  await other.invoke([insertion("o#2", 1, ["x"], 0)]);
  expect(await one.invoke([insertion("o#1", 1, ["a"], 0)])).toEqual(sent);
  expect(await other.invoke([insertion("o#1", 2, ["b"], 1)])).toEqual(sent);
  expect(other.topic.messages()).toEqual(["x"]);
});

test("so does one that parks behind what a relay parked that died", async () => {
  const [dying, one, other] = [relaying("a"), relaying("a"), relaying()];
  const records = [insertion("o#1", 1, ["a"], 0)];
  await other.invoke([insertion("o#2", 1, ["x"], 0)]);
  await dies(dying.invoke(records));
  expect(await one.invoke(records)).toEqual(sent);
  expect(await other.invoke([insertion("o#1", 2, ["b"], 1)])).toEqual(sent);
  expect(other.topic.messages()).toEqual(["x"]);
});

test("so does one that parks behind a marker that it does not know, and knew the one before", async () => {
  const [one, dying, other] = [relaying("a"), relaying("b"), relaying()];
  await one.invoke([insertion("o#1", 1, ["a"], 0)]);
  await release("o#1", 1);
  await other.invoke([insertion("o#2", 1, ["x"], 1)]);
  await dies(dying.invoke([insertion("o#1", 2, ["b"], 2)]));
  expect(await one.invoke([insertion("o#1", 2, ["b"], 2)])).toEqual(sent);
  expect(await other.invoke([insertion("o#1", 3, ["c"], 3)])).toEqual(sent);
  expect(other.topic.messages()).toEqual(["x"]);
});

test("what was released since it was seen parked is published", async () => {
  const one = relaying("a");
  for (const version of [1, 2]) await one.invoke([insertion("o#1", version, ["a"], version)]);
  await release("o#1", 2);
  expect(await one.invoke([insertion("o#1", 3, ["b"], 3)])).toEqual(sent);
  expect(one.topic.messages()).toEqual(["b"]);
});

test("so does one that parks something new when what it has parked behind is seen already", async () => {
  const [one, other] = [relaying("a", "b"), relaying()];
  await one.invoke([insertion("o#1", 1, ["a"], 0)]);
  await other.invoke([insertion("o#3", 1, ["x"], 0)]);
  expect(await one.invoke([insertion("o#1", 2, ["c"], 1), insertion("o#2", 1, ["b"], 2)])).toEqual(sent);
  expect(await other.invoke([insertion("o#2", 2, ["d"], 3)])).toEqual(sent);
  expect(other.topic.messages()).toEqual(["x"]);
});

test("what was parked counts as unsent when there is no time for all to see it", async () => {
  hand.clock.sleep = (_, signal) => new Promise((resolve) => signal?.addEventListener("abort", () => resolve()));
  const { topic, invoke } = relaying("a");
  const records = [insertion("o#2", 1, ["x"], 0), insertion("o#1", 1, ["a"], 1), insertion("o#1", 2, ["b"], 2)];
  const soon = { getRemainingTimeInMillis: () => 2_500 };
  expect(await invoke(records, soon)).toEqual({ batchItemFailures: [{ itemIdentifier: "1001" }] });
  expect(topic.messages()).toEqual(["x"]);
  expect(aws.dynamodb.table("parked").sorted()).toHaveLength(4);
});
