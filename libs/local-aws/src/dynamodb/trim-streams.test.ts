import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, onTestFinished, test } from "vitest";
import type { LogEntry } from "../log.ts";
import { newFolder } from "../processes.fixture.ts";
import { startBareDynoxide } from "../quirks/dynoxide.fixture.ts";
import { openStreamRecords } from "./stream-records.ts";
import { trimStreams } from "./trim-streams.ts";

async function aStream() {
  const file = join(newFolder(), "rows.db");
  const { put, records } = await startBareDynoxide(file);
  const db = new DatabaseSync(file);
  onTestFinished(() => db.close());
  const stream = openStreamRecords(file);
  onTestFinished(() => stream.close());
  return {
    put,
    db,
    stream,
    ids: async () => (await records()).map(({ id }) => id),
    numbers: async () => (await records()).map(({ sequenceNumber }) => Number(sequenceNumber)),
    /** Makes the records of these rows a day and an hour older. */
    age: (...rows: string[]) => {
      const older = db.prepare("UPDATE _stream_records SET created_at = created_at - 25 * 3600 WHERE keys_json LIKE ?");
      for (const row of rows) older.run(`%"${row}"%`);
    },
    trim: (log: LogEntry[] = []) => {
      const trimming = trimStreams({ records: stream, everyMs: 5, log: (entry) => log.push(entry) });
      onTestFinished(() => trimming.stop());
    },
  };
}

test("records older than 24 hours go, the others stay", async () => {
  const { put, ids, age, trim } = await aStream();
  for (const id of ["old", "older", "young"]) await put({ id });
  age("old", "older");
  trim();
  await expect.poll(ids).toEqual(["young"]);
});

test("the newest record of a table stays, so that its sequence numbers go on", async () => {
  const { put, ids, numbers, age, trim } = await aStream();
  for (const id of ["one", "two", "three"]) await put({ id });
  const [, , newest = 0] = await numbers();
  age("one", "two", "three");
  trim();
  await expect.poll(ids).toEqual(["three"]);
  await put({ id: "four" });
  await expect.poll(ids).toEqual(["four"]);
  expect(await numbers()).toEqual([newest + 1]);
});

test("many records go in batches, beside writers", async () => {
  const { put, db, ids, age, trim } = await aStream();
  await put({ id: "copied" });
  db.exec(`
    WITH RECURSIVE copies(n) AS (SELECT 2 UNION ALL SELECT n + 1 FROM copies WHERE n < 2000)
    INSERT INTO _stream_records (table_name, event_name, keys_json, new_image, sequence_number, shard_id, created_at)
    SELECT table_name, event_name, keys_json, new_image, CAST(n AS TEXT), shard_id, created_at
      FROM _stream_records, copies`);
  age("copied");
  const written: string[] = [];
  const kept = async () => (await ids()).filter((id) => !written.includes(id ?? ""));
  trim();
  for (let index = 0; index < 20; index++) {
    await put({ id: `row ${index}` });
    written.push(`row ${index}`);
  }
  await expect.poll(kept).toEqual([]);
  expect(await ids()).toEqual(written);
});

test("a pass stops at the first batch that is young enough, and reads nothing behind it", async () => {
  const { put, stream, age } = await aStream();
  for (const id of ["old", "young"]) await put({ id });
  age("old");
  expect(stream.trim(0, Math.floor(Date.now() / 1000) - 24 * 3600)).toBeUndefined();
});

test("a file that stays locked is logged and tried again", async () => {
  const { put, db, ids, age, trim } = await aStream();
  for (const id of ["old", "young"]) await put({ id });
  age("old");
  const log: LogEntry[] = [];
  db.exec("BEGIN IMMEDIATE");
  trim(log);
  await expect.poll(() => log.map(({ msg }) => msg)).toContain("trimming stream records failed");
  db.exec("ROLLBACK");
  await expect.poll(ids).toEqual(["young"]);
});

test("a version that keeps its records elsewhere is left alone", () => {
  const file = join(newFolder(), "other.db");
  const db = new DatabaseSync(file);
  onTestFinished(() => db.close());
  db.exec("CREATE TABLE _stream_records (id INTEGER)");
  const stream = openStreamRecords(file);
  onTestFinished(() => stream.close());
  expect(stream.trim(0, Number.MAX_SAFE_INTEGER)).toBeUndefined();
  expect(stream.oldest("rows")).toBeUndefined();
});
