import { PutCommand } from "@aws-sdk/lib-dynamodb";
import { describe, expect, test } from "vitest";
import { consumers, Readers } from "../../../test/fixtures/readers-on-a-fake.fixture.ts";
import { blockedKey } from "../../operations.ts";

const group = "note#1";

/** A blocked group, its marker naming a second run, and the messages of both runs in the queue. */
async function twoRuns(): Promise<Readers> {
  const readers = new Readers();
  const marker = { message: blockedKey("readers", group), upTo: "", redrive: "second" };
  const index = { message: blockedKey("readers", ""), count: 1 };
  for (const Item of [marker, index])
    await readers.clients.documents.send(new PutCommand({ TableName: "inbox", Item }));
  for (const [text, run] of Object.entries({ a: "first", b: "second", c: "second" })) {
    readers.send(text, group, { redrive: { DataType: "String", StringValue: run } });
  }
  return readers;
}

describe("messages left over of an earlier run end the run under way, and its own do not overtake them", () => {
  test.each(consumers)("%s", async (_, how) => {
    const readers = await twoRuns();
    expect(await readers.consume(how)).toBe(true);
    expect(readers.aws.faults.counts.get("several-of-a-group-received")).toBeDefined();
    expect(readers.handled).toEqual([]);
    expect(readers.dead()).toEqual(["a", "b", "c"]);
  });
});
