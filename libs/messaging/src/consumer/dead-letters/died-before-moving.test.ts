import { describe, expect, test } from "vitest";
import { manualClock } from "../../../test/fixtures/manual-clock.fixture.ts";
import { consumers, Readers } from "../../../test/fixtures/readers-on-a-fake.fixture.ts";
import { BlockedGroups } from "./blocked-groups.ts";

const group = "note#1";

describe("a message whose consumer died between its marker and its move is moved with its own error, others behind it", () => {
  test.each(consumers)("%s", async (_, how) => {
    const readers = new Readers();
    for (const text of ["a", "b"]) readers.send(text, group);
    const { clock } = manualClock();
    const groups = new BlockedGroups({
      client: readers.clients.documents,
      table: "inbox",
      subscriber: "readers",
      clock,
    });
    const [given] = readers.queue.messages;
    await groups.block(group, String(given?.sequence).padStart(20, "0"), { name: "TypeError", message: "no milk" });
    expect(await readers.consume(how)).toBe(true);
    expect(readers.handled).toEqual([]);
    const errors = readers.aws.sqs.queue("dead.fifo").messages.map(({ attributes }) => attributes?.error?.StringValue);
    expect(errors).toEqual(["TypeError: no milk", "Behind: An earlier message of its group was dead-lettered."]);
  });
});
