import { expect, test } from "vitest";
import { openCheckpoints } from "./checkpoints.ts";
import { eventually, startFakeMapping } from "./event-source.fixture.ts";
import { FakeStream } from "./stream/fake-stream.fixture.ts";

const letters = ["a", "b", "c", "d", "e"];

test("a batch has at most BatchSize records", async () => {
  const stream = new FakeStream();
  stream.put("shard-1", letters);
  const { batches } = startFakeMapping({ stream, settings: { batchSize: 2 } });
  await eventually(() => expect(batches).toEqual([["a", "b"], ["c", "d"], ["e"]]));
});

test("with a batching window, records are gathered until the batch is full", async () => {
  const stream = new FakeStream();
  const { batches } = startFakeMapping({ stream, settings: { batchSize: 3, maximumBatchingWindowSeconds: 300 } });
  for (const letter of letters.slice(0, 3)) {
    const readsBefore = stream.reads;
    stream.put("shard-1", [letter]);
    await eventually(() => expect(stream.reads).toBeGreaterThan(readsBefore + 2));
  }
  await eventually(() => expect(batches).toEqual([["a", "b", "c"]]));
});

test("a batching window that passes hands out what there is", async () => {
  const stream = new FakeStream();
  stream.put("shard-1", ["a"]);
  const { batches } = startFakeMapping({ stream, settings: { batchSize: 3, maximumBatchingWindowSeconds: 0.05 } });
  await eventually(() => expect(batches).toEqual([["a"]]));
});

test("records the filter drops reach no function, take no place in a batch, and count as handled", async () => {
  const stream = new FakeStream();
  stream.put("shard-1", ["a"]);
  stream.put("shard-1", ["removed", "removed"], { eventName: "REMOVE" });
  stream.put("shard-1", ["b"]);
  const [last] = stream.put("shard-1", ["removed"], { eventName: "REMOVE" });
  const { batches, checkpoints } = startFakeMapping({ stream, settings: { batchSize: 2 } });
  await eventually(() => expect(checkpoints.position("shard-1")).toEqual({ after: last }));
  expect(batches.flat()).toEqual(["a", "b"]);
});

test("reading resumes after the checkpoint", async () => {
  const stream = new FakeStream();
  const [, second = ""] = stream.put("shard-1", letters);
  const checkpoints = openCheckpoints(stream.streamArn);
  checkpoints.advance("shard-1", second);
  const { batches } = startFakeMapping({ stream, checkpoints });
  await eventually(() => expect(batches).toEqual([["c", "d", "e"]]));
  expect(stream.iteratorRequests[0]).toEqual({ shard: "shard-1", from: { after: second } });
});

test("an expired iterator is replaced by one after the last record read", async () => {
  const stream = new FakeStream();
  const [first] = stream.put("shard-1", ["a"]);
  const { batches, logged } = startFakeMapping({ stream });
  await eventually(() => expect(batches).toEqual([["a"]]));
  stream.expireIterators();
  stream.put("shard-1", ["b"]);
  await eventually(() => expect(batches).toEqual([["a"], ["b"]]));
  expect(stream.iteratorRequests.at(-1)).toEqual({ shard: "shard-1", from: { after: first } });
  expect(logged).toEqual([]);
});

test("an iterator that only brings empty pages is replaced after a while", async () => {
  const stream = new FakeStream();
  stream.put("shard-1", ["a"]);
  const { batches } = startFakeMapping({ stream, times: { iteratorRenewalMs: 20 } });
  await eventually(() => expect(batches).toEqual([["a"]]));
  stream.stallIterators();
  stream.put("shard-1", ["b"]);
  await eventually(() => expect(batches).toEqual([["a"], ["b"]]));
});

test("a checkpoint older than the stream's records goes on at the oldest record kept, and logs it", async () => {
  const stream = new FakeStream();
  const [first = ""] = stream.put("shard-1", letters);
  const checkpoints = openCheckpoints(stream.streamArn);
  checkpoints.advance("shard-1", first);
  stream.trim("shard-1", 3);
  const { batches, logged } = startFakeMapping({ stream, checkpoints });
  await eventually(() => expect(batches).toEqual([["d", "e"]]));
  expect(logged).toEqual(["records were trimmed before they were read: going on at the oldest"]);
});

test("reads that fail are tried again and lose nothing", async () => {
  const stream = new FakeStream();
  stream.put("shard-1", ["a"]);
  stream.failReads(new Error("throttled"), new Error("throttled"), new Error("throttled"));
  const { batches, logged } = startFakeMapping({ stream });
  stream.put("shard-1", ["b"]);
  await eventually(() => expect(batches.flat()).toEqual(["a", "b"]));
  // Logged once, not at each try.
  expect(logged).toEqual(["reading a shard failed"]);
});

test("records gathered before a read failed are handed out once", async () => {
  const stream = new FakeStream();
  stream.put("shard-1", ["a"]);
  const { batches } = startFakeMapping({ stream, settings: { batchSize: 2, maximumBatchingWindowSeconds: 300 } });
  await eventually(() => expect(stream.reads).toBeGreaterThan(3));
  stream.failReads(new Error("reset"));
  stream.put("shard-1", ["b"]);
  await eventually(() => expect(batches).toEqual([["a", "b"]]));
});
