import type { DynamoDBRecord } from "aws-lambda";
import { beforeEach, expect, test } from "vitest";
import { manualClock } from "../../test/fixtures/manual-clock.fixture.ts";
import { ScriptedTopic } from "../../test/fixtures/scripted-topic.fixture.ts";
import { ample, insertion } from "../../test/fixtures/stream-records.fixture.ts";
import { FakeAws, VirtualTime } from "../testing/index.ts";
import { parkedMarkerVersion, releaseParked } from "./parked.ts";
import { relay } from "./relay.ts";

let aws: FakeAws;
let manual: ReturnType<typeof manualClock>;
beforeEach(() => {
  const key = { partition: { name: "aggregate", type: "S" }, sort: { name: "version", type: "N" } } as const;
  aws = new FakeAws({ time: new VirtualTime(), latencyMs: [0, 0], tables: { parked: { key } } });
  manual = manualClock();
});

/** A process of the relay. The topic refuses these messages. */
function relayRefusing(...refused: string[]) {
  return relayWith({ parking: { client: aws.clients().documents, table: "parked", clock: manual.clock } }, refused);
}

/** A process of the relay that crashes at its first write: before it reaches DynamoDB, or after it has taken effect. */
function crashingRelay(moment: "before" | "after", ...refused: string[]) {
  const process = aws.process("crashing");
  const { documents } = aws.clients(process);
  documents.middlewareStack.add(
    (next, context) => async (args) => {
      if (!/Put|Update|Delete|Write/.test(String(context.commandName))) return next(args);
      if (moment === "before") process.crash();
      const output = await next(args);
      process.crash();
      // A crashed process does nothing more, and its sleeps do not end.
      await process.clock.sleep(0);
      return output;
    },
    { step: "initialize", priority: "high" },
  );
  const crashed = new Promise<void>((resolve) => process.onCrash(resolve));
  const parking = { client: documents, table: "parked", clock: manual.clock };
  return { crashed, ...relayWith({ parking, clock: process.clock }, refused) };
}

function relayWith(options: Partial<Parameters<typeof relay>[0]>, refused: readonly string[]) {
  const topic = new ScriptedTopic(({ Message = "" }) => (refused.includes(Message) ? "poison" : "accept"));
  const topicArn = "arn:aws:sns:us-east-1:123456789012:notes-events.fifo";
  const handler = relay({ client: topic.client, topicArn, source: "/notes", ...options });
  return { topic, invoke: (...Records: DynamoDBRecord[]) => handler({ Records }, ample) };
}

/** Releases the aggregate. Its rows were parked one at a time, so `changes` equals `upTo`. */
const release = (aggregate: string, upTo: number) =>
  releaseParked(
    { client: aws.clients().documents, table: "parked", clock: manual.clock },
    { aggregate, upTo, changes: upTo },
  );

/** The versions of an aggregate in the parked table, its marker's first. */
function parkedVersions(aggregate: string): number[] {
  const items = aws.dynamodb.table("parked").sorted();
  return items.filter((item) => item.aggregate?.S === aggregate).map(({ version }) => Number(version?.N));
}

const noFailures = { batchItemFailures: [] };

test("an invocation parks behind rows that another relay parked since its previous invocation", async () => {
  const [one, other] = [relayRefusing("a"), relayRefusing()];
  await other.invoke(insertion("o#2", 1, ["x"], 0));
  expect(await one.invoke(insertion("o#1", 1, ["a"], 0))).toEqual(noFailures);
  expect(await other.invoke(insertion("o#1", 2, ["b"], 1))).toEqual(noFailures);
  expect(other.topic.messages()).toEqual(["x"]);
});

test.each([
  ["before", []],
  ["after", [parkedMarkerVersion, 1]],
] as const)(
  "a relay that crashes %s its write has parked nothing, or the row with its marker: %j",
  async (moment, left) => {
    const [dying, one, other] = [crashingRelay(moment, "a"), relayRefusing("a"), relayRefusing()];
    const record = insertion("o#1", 1, ["a"], 0);
    void dying.invoke(record);
    await dying.crashed;
    expect(parkedVersions("o#1")).toEqual(left);
    expect(await one.invoke(record)).toEqual(noFailures);
    expect(await other.invoke(insertion("o#1", 2, ["b"], 1))).toEqual(noFailures);
    expect(other.topic.messages()).toEqual([]);
    expect(parkedVersions("o#1")).toEqual([parkedMarkerVersion, 1, 2]);
  },
);

test("an aggregate that was released and parked again by another relay is parked for all", async () => {
  const [one, another, other] = [relayRefusing("a"), relayRefusing("b"), relayRefusing()];
  await one.invoke(insertion("o#1", 1, ["a"], 0));
  await release("o#1", 1);
  await another.invoke(insertion("o#1", 2, ["b"], 1));
  expect(await one.invoke(insertion("o#1", 3, ["c"], 2))).toEqual(noFailures);
  expect(await other.invoke(insertion("o#1", 4, ["d"], 3))).toEqual(noFailures);
  expect([...one.topic.messages(), ...other.topic.messages()]).toEqual([]);
});

test("a relay publishes new rows of an aggregate that it has parked and another process has released", async () => {
  const one = relayRefusing("a");
  for (const version of [1, 2]) await one.invoke(insertion("o#1", version, ["a"], version));
  await release("o#1", 2);
  expect(await one.invoke(insertion("o#1", 3, ["b"], 3))).toEqual(noFailures);
  expect(one.topic.messages()).toEqual(["b"]);
});

test("an invocation that parks one more aggregate publishes the others, and the next invocation parks behind both", async () => {
  const [one, other] = [relayRefusing("a", "b"), relayRefusing()];
  await one.invoke(insertion("o#1", 1, ["a"], 0));
  expect(
    await one.invoke(insertion("o#1", 2, ["c"], 1), insertion("o#2", 1, ["b"], 2), insertion("o#3", 1, ["y"], 3)),
  ).toEqual(noFailures);
  expect(one.topic.messages()).toEqual(["y"]);
  expect(await other.invoke(insertion("o#1", 3, ["e"], 4), insertion("o#2", 2, ["d"], 5))).toEqual(noFailures);
  expect(other.topic.messages()).toEqual([]);
});
