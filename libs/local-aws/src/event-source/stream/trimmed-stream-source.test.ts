import { expect, test } from "vitest";
import { openCheckpoints } from "../checkpoints.ts";
import { eventually, startFakeMapping } from "../event-source.fixture.ts";
import { FakeStream } from "./fake-stream.fixture.ts";
import { RecordsTrimmedError } from "./stream-source.ts";
import { trimmedStreamSource } from "./trimmed-stream-source.ts";

/** Sequence numbers 1 to 5; the endpoint has dropped all before `oldest` and reports nothing. */
function trimmedUpTo(oldest: bigint | undefined) {
  const stream = new FakeStream();
  stream.put("shard-1", ["a", "b", "c", "d", "e"]);
  return { stream, source: trimmedStreamSource(stream, () => oldest) };
}

const lost = "records were trimmed before they were read: going on at the oldest";

test("an iterator before the oldest record is refused, as on AWS, when a record between them is gone", async () => {
  const { source } = trimmedUpTo(4n);
  await expect(source.iterator("shard-1", { after: "2" })).rejects.toThrow(RecordsTrimmedError);
});

test.each([
  ["the oldest record is the next one", { after: "3" }, 4n],
  ["the oldest record has been read", { after: "4" }, 4n],
  ["reading starts at the oldest", "horizon" as const, 4n],
  ["there is no record", { after: "2" }, undefined],
])("an iterator is given when %s", async (_, from, oldest) => {
  await expect(trimmedUpTo(oldest).source.iterator("shard-1", from)).resolves.toEqual(expect.any(String));
});

test("a mapping whose checkpoint is too old logs it once and goes on", async () => {
  const { stream, source } = trimmedUpTo(4n);
  const checkpoints = openCheckpoints(stream.streamArn);
  checkpoints.advance("shard-1", "2");
  const { batches, logged } = startFakeMapping({ stream, source, checkpoints });
  await eventually(() => expect(batches).not.toEqual([]));
  expect(logged).toEqual([lost]);
});
