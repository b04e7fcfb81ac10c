import type { DynamoDBRecord } from "aws-lambda";
import { beforeEach, expect, test } from "vitest";
import { manualClock } from "../../test/fixtures/manual-clock.fixture.ts";
import { ScriptedTopic } from "../../test/fixtures/scripted-topic.fixture.ts";
import { ample, insertion } from "../../test/fixtures/stream-records.fixture.ts";
import { FakeAws } from "../testing/index.ts";
import { releaseParked } from "./parked.ts";
import { relay } from "./relay.ts";

let aws: FakeAws;
let manual: ReturnType<typeof manualClock>;
beforeEach(() => {
  const key = { partition: { name: "aggregate", type: "S" }, sort: { name: "version", type: "N" } } as const;
  aws = new FakeAws({ tables: { parked: { key } } });
  manual = manualClock();
});

/** A process of the relay. The topic refuses these messages. */
function relaying(...refused: string[]) {
  const topic = new ScriptedTopic(({ Message = "" }) => (refused.includes(Message) ? "poison" : "accept"));
  const handler = relay({
    client: topic.client,
    topicArn: "arn:aws:sns:us-east-1:123456789012:notes-events.fifo",
    source: "/notes",
    parking: { client: aws.clients().documents, table: "parked", clock: manual.clock },
  });
  const invoke = (Records: DynamoDBRecord[], deadline = ample) => handler({ Records }, deadline);
  return { topic, invoke };
}

/** Parks one row after the other, up to `upTo`. */
const release = (aggregate: string, upTo: number) =>
  releaseParked(
    { client: aws.clients().documents, table: "parked", clock: manual.clock },
    { aggregate, upTo, changes: upTo },
  );

const sent = { batchItemFailures: [] };

test("the next invocation of a relay parks behind rows that another relay has parked, however lately it has read the markers", async () => {
  const [one, other] = [relaying("a"), relaying()];
  await other.invoke([insertion("o#2", 1, ["x"], 0)]);
  expect(await one.invoke([insertion("o#1", 1, ["a"], 0)])).toEqual(sent);
  expect(await other.invoke([insertion("o#1", 2, ["b"], 1)])).toEqual(sent);
  expect(other.topic.messages()).toEqual(["x"]);
});

test("a relay that has died while it parked has parked nothing, or its row with the marker", async () => {
  const [dying, one, other] = [relaying("a"), relaying("a"), relaying()];
  const records = [insertion("o#1", 1, ["a"], 0)];
  await dying.invoke(records);
  expect(await one.invoke(records)).toEqual(sent);
  expect(await other.invoke([insertion("o#1", 2, ["b"], 1)])).toEqual(sent);
  expect(other.topic.messages()).toEqual([]);
});

test("an aggregate that was released and parked again by another relay is parked for all", async () => {
  const [one, another, other] = [relaying("a"), relaying("b"), relaying()];
  await one.invoke([insertion("o#1", 1, ["a"], 0)]);
  await release("o#1", 1);
  await another.invoke([insertion("o#1", 2, ["b"], 1)]);
  expect(await one.invoke([insertion("o#1", 3, ["c"], 2)])).toEqual(sent);
  expect(await other.invoke([insertion("o#1", 4, ["d"], 3)])).toEqual(sent);
  expect([...one.topic.messages(), ...other.topic.messages()]).toEqual([]);
});

test("rows of a released aggregate are published again", async () => {
  const one = relaying("a");
  for (const version of [1, 2]) await one.invoke([insertion("o#1", version, ["a"], version)]);
  await release("o#1", 2);
  expect(await one.invoke([insertion("o#1", 3, ["b"], 3)])).toEqual(sent);
  expect(one.topic.messages()).toEqual(["b"]);
});

test("the invocation that parks an aggregate publishes the others, and the next one parks behind both", async () => {
  const [one, other] = [relaying("a", "b"), relaying()];
  await one.invoke([insertion("o#1", 1, ["a"], 0)]);
  expect(
    await one.invoke([insertion("o#1", 2, ["c"], 1), insertion("o#2", 1, ["b"], 2), insertion("o#3", 1, ["y"], 3)]),
  ).toEqual(sent);
  expect(one.topic.messages()).toEqual(["y"]);
  expect(await other.invoke([insertion("o#2", 2, ["d"], 3)])).toEqual(sent);
  expect(other.topic.messages()).toEqual([]);
});
