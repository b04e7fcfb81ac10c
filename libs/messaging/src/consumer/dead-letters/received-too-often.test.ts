import { describe, expect, test } from "vitest";
import { consumers, Readers } from "../../../test/fixtures/readers-on-a-fake.fixture.ts";

/** Two messages of a group, the first of which has been handed out as often as the queue tells, and one of another. */
function queued(receives: number): Readers {
  const readers = new Readers();
  for (const [text, group] of Object.entries({ a: "note#1", b: "note#1", x: "note#2" })) readers.send(text, group);
  const [first] = readers.queue.messages;
  if (first !== undefined) Object.assign(first, { receiveCount: receives });
  return readers;
}

describe("a message that kills its consumer is dead-lettered, with those behind it, before its queue would remove it alone", () => {
  test.each(consumers)("%s", async (_, how) => {
    const readers = queued(90);
    expect(await readers.consume(how)).toBe(true);
    expect(readers.handled).toEqual(["x"]);
    expect(readers.dead()).toEqual(["a", "b"]);
  });

  test.each(consumers)("and not before: %s", async (_, how) => {
    const readers = queued(89);
    expect(await readers.consume(how)).toBe(true);
    expect(readers.handled.toSorted()).toEqual(["a", "b", "x"]);
    expect(readers.dead()).toEqual([]);
  });
});
