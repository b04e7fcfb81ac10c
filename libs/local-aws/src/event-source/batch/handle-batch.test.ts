import { expect, onTestFinished, test, vi } from "vitest";
import { done, eventually, failedAt, nameOf, startFakeMapping, threw } from "../event-source.fixture.ts";
import { FakeStream } from "../stream/fake-stream.fixture.ts";

function streamOf(...names: string[]) {
  const stream = new FakeStream();
  const sequence = stream.put("shard-1", names);
  return { stream, sequence };
}

test("a batch whose function throws comes again whole, until it goes through", async () => {
  const { stream, sequence } = streamOf("a", "b");
  const mapping = startFakeMapping({ stream, handle: (_, count) => (count < 4 ? threw : done) });
  await eventually(() => expect(mapping.checkpoints.position("shard-1")).toEqual({ after: sequence[1] }));
  expect(mapping.batches).toEqual([
    ["a", "b"],
    ["a", "b"],
    ["a", "b"],
    ["a", "b"],
  ]);
  expect(mapping.discarded).toEqual([]);
});

test("nothing after a failing batch is handed out before it", async () => {
  const { stream } = streamOf("a");
  const mapping = startFakeMapping({
    stream,
    handle: (_, count) => {
      if (count === 1) stream.put("shard-1", ["b"]);
      return count < 3 ? threw : done;
    },
  });
  await eventually(() => expect(mapping.batches.at(-1)).toEqual(["b"]));
  expect(mapping.batches).toEqual([["a"], ["a"], ["a"], ["b"]]);
});

test("a partial failure is checkpointed up to the lowest reported record and goes on from there", async () => {
  const { stream, sequence } = streamOf("a", "b", "c", "d");
  const positions: unknown[] = [];
  const mapping = startFakeMapping({
    stream,
    handle: (records, count) => {
      positions.push(mapping.checkpoints.position("shard-1"));
      if (count > 1) return done;
      const batchItemFailures = [sequence[3], sequence[1]].map((itemIdentifier) => ({ itemIdentifier }));
      return { ok: true, response: { batchItemFailures }, records };
    },
  });
  await eventually(() => expect(mapping.checkpoints.position("shard-1")).toEqual({ after: sequence[3] }));
  expect(mapping.batches).toEqual([
    ["a", "b", "c", "d"],
    ["b", "c", "d"],
  ]);
  expect(positions).toEqual(["horizon", { after: sequence[0] }]);
});

test("an answer is not read for partial failures unless the mapping asks for it", async () => {
  const { stream } = streamOf("a", "b");
  const mapping = startFakeMapping({
    stream,
    settings: { reportBatchItemFailures: false },
    handle: (records) => failedAt(records, "b"),
  });
  stream.put("shard-1", ["c"]);
  await eventually(() => expect(mapping.batches.flat()).toContain("c"));
  expect(mapping.batches.flat()).toEqual(["a", "b", "c"]);
});

test("bisecting isolates a poisoned record, which alone is retried, discarded and reported", async () => {
  const { stream, sequence } = streamOf("a", "b", "c", "poison", "e", "f", "g");
  const mapping = startFakeMapping({
    stream,
    settings: { bisectBatchOnFunctionError: true, maximumRetryAttempts: 2 },
    handle: (records) => (records.some((record) => nameOf(record) === "poison") ? threw : done),
  });
  await eventually(() => expect(mapping.checkpoints.position("shard-1")).toEqual({ after: sequence[6] }));
  expect(mapping.batches).toEqual([
    ["a", "b", "c", "poison", "e", "f", "g"],
    ["a", "b", "c", "poison"],
    ["a", "b"],
    ["c", "poison"],
    ["c"],
    ["poison"],
    ["poison"],
    ["poison"],
    ["e", "f", "g"],
  ]);
  expect(mapping.discarded).toEqual([
    expect.objectContaining({
      names: ["poison"],
      condition: "RetryAttemptsExhausted",
      // Three times in company, three times alone: splitting costs no retry.
      invocations: 6,
      functionError: true,
    }),
  ]);
});

test("with bisecting, a function that reports its poisoned record is left with that record alone", async () => {
  const { stream, sequence } = streamOf("a", "poison", "c", "d");
  const mapping = startFakeMapping({
    stream,
    settings: { bisectBatchOnFunctionError: true, maximumRetryAttempts: 1 },
    handle: (records) => failedAt(records, "poison"),
  });
  await eventually(() => expect(mapping.checkpoints.position("shard-1")).toEqual({ after: sequence[3] }));
  expect(mapping.discarded.map(({ names, functionError }) => ({ names, functionError }))).toEqual([
    { names: ["poison"], functionError: false },
  ]);
});

test("a discarded record is checkpointed at once: a restart does not report it again", async () => {
  const { stream, sequence } = streamOf("poison", "stuck");
  const released = Promise.withResolvers<typeof done>();
  const mapping = startFakeMapping({
    stream,
    settings: { bisectBatchOnFunctionError: true, maximumRetryAttempts: 0 },
    handle: (records) => (nameOf(records[0] ?? {}) === "stuck" ? released.promise : threw),
  });
  onTestFinished(() => released.resolve(done));
  await eventually(() => expect(mapping.batches.at(-1)).toEqual(["stuck"]));
  expect(mapping.discarded).toHaveLength(1);
  expect(mapping.checkpoints.position("shard-1")).toEqual({ after: sequence[0] });
});

test("an on-failure destination that does not answer is notified again, and the shard waits for it", async () => {
  const { stream, sequence } = streamOf("poison", "b");
  const mapping = startFakeMapping({
    stream,
    settings: { batchSize: 1, maximumRetryAttempts: 0 },
    discardFailures: 1,
    handle: (records) => failedAt(records, "poison"),
  });
  await eventually(() => expect(mapping.checkpoints.position("shard-1")).toEqual({ after: sequence[1] }));
  expect(mapping.discarded).toHaveLength(1);
  expect(mapping.logged).toEqual(["the on-failure destination did not answer", "records discarded"]);
});

test("without bisecting, the retries of a batch are used up together and the whole rest is discarded", async () => {
  const { stream, sequence } = streamOf("a", "poison", "c");
  const mapping = startFakeMapping({
    stream,
    settings: { maximumRetryAttempts: 2 },
    handle: (records) => failedAt(records, "poison"),
  });
  await eventually(() => expect(mapping.checkpoints.position("shard-1")).toEqual({ after: sequence[2] }));
  expect(mapping.batches).toEqual([
    ["a", "poison", "c"],
    ["poison", "c"],
    ["poison", "c"],
  ]);
  expect(mapping.discarded.map(({ names }) => names)).toEqual([["poison", "c"]]);
});

test("a cap of no retries discards after the first failure", async () => {
  const { stream } = streamOf("a");
  const mapping = startFakeMapping({ stream, settings: { maximumRetryAttempts: 0 }, handle: () => threw });
  await eventually(() => expect(mapping.discarded).toHaveLength(1));
  expect(mapping.batches).toEqual([["a"]]);
});

test("records past the age limit are discarded without an invocation, the younger ones of the batch are handled", async () => {
  const stream = new FakeStream();
  stream.put("shard-1", ["old", "older"], { at: Date.now() - 100_000 });
  stream.put("shard-1", ["young"]);
  const mapping = startFakeMapping({ stream, settings: { maximumRecordAgeSeconds: 60 } });
  await eventually(() => expect(mapping.batches).toEqual([["young"]]));
  expect(mapping.discarded).toEqual([
    expect.objectContaining({ names: ["old", "older"], condition: "RecordAgeExceeded", invocations: 0 }),
  ]);
});

test("a record that keeps failing is discarded when it has become too old", async () => {
  vi.useFakeTimers({ toFake: ["Date"] });
  onTestFinished(() => void vi.useRealTimers());
  const { stream } = streamOf("failing");
  const mapping = startFakeMapping({
    stream,
    settings: { maximumRecordAgeSeconds: 60 },
    handle() {
      vi.setSystemTime(Date.now() + 31_000);
      return threw;
    },
  });
  await eventually(() => expect(mapping.discarded).toHaveLength(1));
  expect(mapping.discarded).toEqual([
    expect.objectContaining({ condition: "RecordAgeExceeded", functionError: true, invocations: 2 }),
  ]);
});

test("a host that is stopped during an invocation leaves the checkpoint before the batch", async () => {
  const { stream } = streamOf("a");
  const invoked = Promise.withResolvers<void>();
  const answer = Promise.withResolvers<typeof done>();
  const mapping = startFakeMapping({
    stream,
    handle: () => {
      invoked.resolve();
      return answer.promise;
    },
  });
  await invoked.promise;
  const stopping = mapping.stop();
  answer.resolve(done);
  await stopping;
  expect(mapping.checkpoints.position("shard-1")).toBe("horizon");
});

test("a host that is stopped while the on-failure destination does not answer notifies it after its restart", async () => {
  const { stream } = streamOf("poison");
  const mapping = startFakeMapping({
    stream,
    settings: { maximumRetryAttempts: 0 },
    discardFailures: Number.POSITIVE_INFINITY,
    handle: () => threw,
  });
  await eventually(() => expect(mapping.logged).toContain("the on-failure destination did not answer"));
  await mapping.stop();
  expect(mapping.checkpoints.position("shard-1")).toBe("horizon");
  const next = startFakeMapping({
    stream,
    checkpoints: mapping.checkpoints,
    settings: { maximumRetryAttempts: 0 },
    handle: () => threw,
  });
  await eventually(() => expect(next.discarded).toMatchObject([{ names: ["poison"] }]));
});

test.each([
  ["ASCII", 400_000, "x"],
  ["three-byte", 133_000, "漢"],
  ["four-byte", 100_000, "\u{1f600}"],
])("a batch over 6 MB is handed out in parts that fit an invocation, in order: %s", async (_, length, character) => {
  const stream = new FakeStream();
  const names = Array.from({ length: 20 }, (_, index) => `${index}${character.repeat(length)}`);
  stream.put("shard-1", names);
  const mapping = startFakeMapping({ stream });
  await eventually(() => expect(mapping.batches.flat()).toHaveLength(20));
  expect(mapping.batches.flat()).toEqual(names);
  expect(mapping.batches.map(({ length }) => length)).toEqual([15, 5]);
});
