import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { openCheckpoints } from "./checkpoints.ts";
import { done, eventually, nameOf, startFakeMapping, threw } from "./event-source.fixture.ts";
import { FakeStream } from "./stream/fake-stream.fixture.ts";

test("shards are read beside each other: one that is stuck does not hold up another", async () => {
  const stream = new FakeStream(["shard-1", "shard-2"]);
  stream.put("shard-1", ["stuck"]);
  stream.put("shard-2", ["fine"]);
  const { batches } = startFakeMapping({
    stream,
    handle: (records) => (records.some((record) => nameOf(record) === "stuck") ? threw : done),
  });
  await eventually(() => expect(batches).toContainEqual(["fine"]));
});

test("a shard that appears later is followed", async () => {
  const stream = new FakeStream(["shard-1"]);
  const { batches } = startFakeMapping({ stream });
  await eventually(() => expect(stream.reads).toBeGreaterThan(0));
  stream.open("shard-2");
  stream.put("shard-2", ["new"]);
  await eventually(() => expect(batches).toEqual([["new"]]));
});

/** Longer than a test may take. */
const noRefresh = { times: { shardRefreshMs: 600_000 } };

test("a list that fails or is empty is read again soon, and a failure is logged once", async () => {
  const stream = new FakeStream(["shard-1"]);
  stream.put("shard-1", ["a"]);
  const list = stream.shards.bind(stream);
  const answers = [
    () => Promise.reject(new Error("no answer")),
    () => Promise.reject(new Error("no answer")),
    () => [],
  ];
  stream.shards = async () => (answers.shift() ?? list)();
  const { batches, logged } = startFakeMapping({ stream, ...noRefresh });
  await eventually(() => expect(batches).toEqual([["a"]]));
  expect(logged).toEqual(["listing shards failed"]);
});

test("children are found when their parent ends, also when they are listed late", async () => {
  const stream = new FakeStream(["parent"]);
  stream.close("parent");
  const { batches, checkpoints } = startFakeMapping({ stream, ...noRefresh });
  await eventually(() => expect(checkpoints.finished("parent")).toBe(true));
  stream.open("child", "parent");
  stream.put("child", ["late"]);
  await eventually(() => expect(batches).toEqual([["late"]]));
});

test("while shards are read, the list is not read again before its time", async () => {
  const stream = new FakeStream(["shard-1"]);
  const listed = vi.spyOn(stream, "shards");
  startFakeMapping({ stream, ...noRefresh });
  await eventually(() => expect(stream.reads).toBeGreaterThan(20));
  expect(listed).toHaveBeenCalledTimes(1);
});

test("children start only when their parent is handled to its end", async () => {
  const stream = new FakeStream(["parent"]);
  stream.put("parent", ["before"]);
  stream.open("left", "parent");
  stream.open("right", "parent");
  stream.put("left", ["after left"]);
  stream.put("right", ["after right"]);
  const released = Promise.withResolvers<void>();
  const { batches, checkpoints } = startFakeMapping({
    stream,
    handle: async (records) => {
      if (records.some((record) => nameOf(record) === "before")) await released.promise;
      return done;
    },
  });
  await eventually(() => expect(batches).toEqual([["before"]]));
  stream.close("parent");
  expect(stream.iteratorRequests.map(({ shard }) => shard)).toEqual(["parent"]);
  released.resolve();
  await eventually(() => expect(batches.slice(1).flat().sort()).toEqual(["after left", "after right"]));
  expect(checkpoints.finished("parent")).toBe(true);
});

test("a parent with a failing record holds its children back", async () => {
  const stream = new FakeStream(["parent"]);
  stream.put("parent", ["failing"]);
  stream.close("parent");
  stream.open("child", "parent");
  stream.put("child", ["later"]);
  const { batches } = startFakeMapping({ stream, handle: (_, count) => (count < 10 ? threw : done) });
  await eventually(() => expect(batches).toHaveLength(11));
  expect(batches.slice(0, 10)).toEqual(Array.from({ length: 10 }, () => ["failing"]));
  expect(batches[10]).toEqual(["later"]);
});

test("a child whose parent the stream has forgotten starts at once", async () => {
  const stream = new FakeStream([]);
  stream.open("child", "long gone");
  stream.put("child", ["a"]);
  const { batches } = startFakeMapping({ stream });
  await eventually(() => expect(batches).toEqual([["a"]]));
});

test("a finished shard is not read again by the next host, and is dropped once the stream forgets it", async () => {
  const folder = mkdtempSync(join(tmpdir(), "checkpoints-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "mapping.json");
  const stream = new FakeStream(["old", "new"]);
  stream.put("old", ["a"]);
  stream.close("old");
  const first = startFakeMapping({ stream, checkpoints: openCheckpoints(stream.streamArn, file) });
  await eventually(() => expect(first.checkpoints.finished("old")).toBe(true));
  await first.stop();

  const second = startFakeMapping({ stream, checkpoints: openCheckpoints(stream.streamArn, file) });
  stream.put("new", ["b"]);
  await eventually(() => expect(second.batches).toEqual([["b"]]));
  stream.forget("old");
  await eventually(() => expect(second.checkpoints.finished("old")).toBe(false));
});

test("an endpoint that lists no shards while it starts keeps its checkpoints", async () => {
  const stream = new FakeStream(["shard-1"]);
  const [sequenceNumber = ""] = stream.put("shard-1", ["handled"]);
  const { checkpoints } = startFakeMapping({ stream });
  await eventually(() => expect(checkpoints.position("shard-1")).toEqual({ after: sequenceNumber }));
  let listed = 0;
  stream.shards = async () => {
    listed += 1;
    return [];
  };
  await eventually(() => expect(listed).toBeGreaterThan(1));
  expect(checkpoints.position("shard-1")).toEqual({ after: sequenceNumber });
});
