import { PutCommand } from "@aws-sdk/lib-dynamodb";
import { describe, expect, test } from "vitest";
import { options } from "../fake-aws.fixture.ts";
import { FakeAws } from "../fake-aws.ts";
import { VirtualTime } from "../time/virtual-time.ts";

describe("the fake's streams", () => {
  test("keep a key's changes in order across splits and merges, and its shards' family", async () => {
    const aws = new FakeAws({ ...options, time: new VirtualTime(), latencyMs: [0, 0] });
    const { documents } = aws.clients();
    const stream = aws.stream("rows");
    const write = async (version: number) => {
      for (const name of "abcdefgh") {
        await documents.send(new PutCommand({ TableName: "rows", Item: { aggregate: name, version } }));
      }
    };
    await write(1);
    const [root] = stream.shards;
    if (root) stream.split(root);
    await write(2);
    const [, left, right] = stream.shards;
    if (left && right) stream.merge(left, right);
    await write(3);
    expect(
      stream.shards.map(({ parents, isClosed, records }) => [parents.length, isClosed, records.length > 0]),
    ).toEqual([
      [0, true, true],
      [1, true, true],
      [1, true, true],
      [2, false, true],
    ]);
    const ofLeft = new Set(left?.records.map(({ record }) => record.dynamodb?.Keys?.aggregate?.S));
    expect(right?.records.every(({ record }) => !ofLeft.has(record.dynamodb?.Keys?.aggregate?.S))).toBe(true);
  });
});
