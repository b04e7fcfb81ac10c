import { expect, test } from "vitest";
import { FakeStream } from "./fake-stream.fixture.ts";

test("a trim moves the iterators of its own shard only", async () => {
  const stream = new FakeStream(["trimmed", "other"]);
  stream.put("trimmed", ["a", "b"]);
  stream.put("other", ["c", "d"]);
  const { next = "" } = await stream.read(await stream.iterator("other", "horizon"), 1);
  stream.trim("trimmed", 1);
  const { records } = await stream.read(next, 1);
  expect(records.map(({ dynamodb }) => dynamodb?.Keys?.name?.S)).toEqual(["d"]);
});
