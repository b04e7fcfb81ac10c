import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { openCheckpoints } from "./checkpoints.ts";

function newFile(): string {
  const folder = mkdtempSync(join(tmpdir(), "checkpoints-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return join(folder, "mapping.json");
}

test("a checkpoint on disk is where the next process goes on", () => {
  const file = newFile();
  const checkpoints = openCheckpoints("stream-1", file);
  expect(checkpoints.position("a")).toBe("horizon");
  checkpoints.advance("a", "1");
  checkpoints.advance("a", "2");
  checkpoints.finish("b");
  const reopened = openCheckpoints("stream-1", file);
  expect(reopened.position("a")).toEqual({ after: "2" });
  expect(reopened.finished("a")).toBe(false);
  expect(reopened.finished("b")).toBe(true);
});

test("the stored form", () => {
  const file = newFile();
  const checkpoints = openCheckpoints("stream-1", file);
  checkpoints.advance("a", "2");
  checkpoints.finish("a");
  expect(readFileSync(file, "utf8")).toBe('{"streamArn":"stream-1","shards":{"a":{"after":"2","finished":true}}}');
  expect(readdirSync(join(file, ".."))).toEqual(["mapping.json"]);
});

test("a table that was made again has another stream: its checkpoint starts over", () => {
  const file = newFile();
  openCheckpoints("stream-1", file).advance("a", "2");
  expect(openCheckpoints("stream-2", file).position("a")).toBe("horizon");
});

test.each(["", "{", "null", "[]", '"text"'])("a file with %j in it starts over instead of failing", (content) => {
  const file = newFile();
  writeFileSync(file, content);
  expect(openCheckpoints("stream-1", file).position("a")).toBe("horizon");
});
