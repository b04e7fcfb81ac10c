import { GetCommand } from "@aws-sdk/lib-dynamodb";
import { coffeeShop } from "@doubleshot/shop";
import { expect, onTestFinished, test, vi } from "vitest";
import { StreamReads } from "../event-source/stream/stream-reads.ts";
import { startLocalAws } from "../index.ts";
import { aggregateOf, commit, startWithRelay, topologyWith } from "../relay-of-orders.fixture.ts";
import { runFault } from "./fault-commands.ts";

test("a stopped relay gets no records, and all of them after its start", async () => {
  const seen: unknown[] = [];
  const aws = await startWithRelay(async ({ Records }) => void seen.push(...Records.map(aggregateOf)));
  aws.faults.relays("stop");
  const reads = vi.spyOn(StreamReads.prototype, "get");
  await commit(aws, ["order#1", "order#2"]);
  await expect.poll(() => reads.mock.settledResults.some(({ value }) => value?.Records?.length > 0)).toBe(true);
  expect(aws.faults.state().relays).toEqual([{ name: "orders-outbox-relay", isStopped: true }]);
  expect(seen).toEqual([]);
  aws.faults.relays("start");
  await expect.poll(() => seen).toEqual(["order#1", "order#2"]);
  expect(aws.faults.state().relays).toEqual([{ name: "orders-outbox-relay", isStopped: false }]);
});

test("an embedded AWS closes while its relay is stopped and DynamoDB stalls", async () => {
  const aws = await startWithRelay(async () => undefined);
  aws.faults.relays("stop");
  await commit(aws, ["order#1"]);
  expect(aws.faults.stallDynamo(600_000)).toBe(true);
  await aws.close();
});

test("a killed relay is started again by the next records", async () => {
  const entry = new URL("../functions/behaving.fixture.ts", import.meta.url).pathname;
  const aws = await startLocalAws({ topology: topologyWith({}), functions: { "orders-outbox-relay": { entry } } });
  onTestFinished(() => aws.close());
  const pid = () => aws.faults.state().relays[0]?.pid;
  const first = pid();
  expect(first).toBeTypeOf("number");
  aws.faults.relays("kill");
  await expect.poll(pid).toBeUndefined();
  // A second kill finds nothing to kill.
  aws.faults.relays("kill");
  await commit(aws, ["order#1"]);
  await expect.poll(pid).toBeTypeOf("number");
  expect(pid()).not.toBe(first);
});

test("a stalled DynamoDB answers when its time is over, and the newest time counts", async () => {
  const aws = await startLocalAws({ topology: coffeeShop.topology });
  onTestFinished(() => aws.close());
  expect(aws.faults.stallDynamo(600_000)).toBe(true);
  const read = new GetCommand({ TableName: "doubleshot-orders", Key: { id: "0198" } });
  const answer = aws.clients.documents.send(read);
  let isAnswered = false;
  void answer.then(() => {
    isAnswered = true;
  });
  expect(Date.parse(aws.faults.state().stalledUntil ?? "")).toBeGreaterThan(Date.now() + 500_000);
  expect(isAnswered).toBe(false);
  aws.faults.stallDynamo(1);
  await answer;
  expect(aws.faults.state()).not.toHaveProperty("stalledUntil");
});

test("a DynamoDB that is not the host's is not stalled", async () => {
  await using other = await startLocalAws();
  await using aws = await startLocalAws({ dynamodbEndpoint: other.endpoints.dynamodb });
  expect(runFault(aws.faults, { kind: "stall", ms: 1 })).toEqual({ outcome: "not-ours" });
});

test("a command is answered with the state after it", async () => {
  const aws = await startWithRelay(async () => undefined);
  const delivery = { on: "hint", fault: "delay", delayMs: 10 } as const;
  expect(runFault(aws.faults, { kind: "delivery", ...delivery })).toMatchObject({ state: { armed: [delivery] } });
  expect(runFault(aws.faults, { kind: "relays", action: "stop" })).toMatchObject({
    state: { relays: [{ isStopped: true }] },
  });
  expect(runFault(aws.faults, { kind: "state" })).toEqual({ outcome: "done", state: aws.faults.state() });
});
