import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, onTestFinished, test } from "vitest";
import { newFolder } from "../processes.fixture.ts";
import { startBareDynoxide } from "../quirks/dynoxide.fixture.ts";
import { findDynoxide } from "./find-dynoxide.ts";
import { addStreamIndexes } from "./stream-indexes.ts";

// The queries of dynoxide 1.2.1 that run for each GetRecords, iterator, streamed write and DescribeStream.
const description =
  "SELECT MIN(sequence_number), MAX(sequence_number) FROM _stream_records WHERE table_name = ?1 AND shard_id = ?2";
const reads = [
  "SELECT event_name FROM _stream_records WHERE table_name = ? AND shard_id = ? AND CAST(sequence_number AS INTEGER) > ? ORDER BY CAST(sequence_number AS INTEGER) LIMIT 100",
  "SELECT COALESCE(MAX(CAST(sequence_number AS INTEGER)), 0) + 1 FROM _stream_records WHERE table_name = ?",
];

const planOf = (db: DatabaseSync, sql: string) =>
  db
    .prepare(`EXPLAIN QUERY PLAN ${sql}`)
    .all(...Array.from({ length: sql.split("?").length - 1 }, () => 1))
    .map(({ detail }) => String(detail))
    .join("; ");

function openFile(file: string): DatabaseSync {
  const db = new DatabaseSync(file);
  onTestFinished(() => db.close());
  return db;
}

test("a new file has indexes that stream reads and writes use", async () => {
  const file = join(newFolder(), "rows.db");
  await startBareDynoxide(file);
  const db = openFile(file);
  for (const sql of reads) {
    expect(planOf(db, sql)).toMatch(/^SEARCH _stream_records USING .*INDEX doubleshot_stream_/);
    expect(planOf(db, sql)).not.toContain("TEMP B-TREE");
  }
});

test("an old file gets the indexes at its next start and keeps its records", async () => {
  const file = join(newFolder(), "rows.db");
  const first = await startBareDynoxide(file);
  await first.put({ id: "row" });
  await first.dynoxide.close();
  const db = openFile(file);
  for (const name of ["doubleshot_stream_table", "doubleshot_stream_numbers"]) db.exec(`DROP INDEX ${name}`);
  // The index of an earlier version.
  db.exec("CREATE INDEX doubleshot_stream_shard ON _stream_records (table_name, shard_id)");

  const second = await startBareDynoxide(file);
  // A connection from before the indexes plans without them.
  expect(planOf(openFile(file), reads[0] ?? "")).toContain("doubleshot_stream_numbers");
  expect(db.prepare("SELECT name FROM pragma_index_list('_stream_records')").all()).toEqual(
    ["doubleshot_stream_numbers", "doubleshot_stream_table"].map((name) => ({ name })),
  );
  expect((await second.records()).map(({ id }) => id)).toEqual(["row"]);
});

test("to describe a stream, dynoxide reads the index alone, and none of the records", async () => {
  const file = join(newFolder(), "rows.db");
  await startBareDynoxide(file);
  expect(readFileSync(findDynoxide()).includes(description)).toBe(true);
  expect(planOf(openFile(file), description)).toMatch(
    /^SEARCH _stream_records USING COVERING INDEX doubleshot_stream_numbers /,
  );
});

test("a file without dynoxide's stream records is left as it is", () => {
  const file = join(newFolder(), "other.db");
  const db = openFile(file);
  db.exec("CREATE TABLE _stream_records (id INTEGER)");
  addStreamIndexes(file);
  expect(db.prepare("SELECT name FROM sqlite_master WHERE type = 'index'").all()).toEqual([]);
});

test("data that is not kept is in a temporary file, which goes with dynoxide", async () => {
  const { dynoxide } = await startBareDynoxide();
  const { file } = dynoxide;
  expect(dirname(file)).toMatch(/\/doubleshot-dynamodb-\w+$/);
  expect(planOf(openFile(file), reads[0] ?? "")).toContain("doubleshot_stream_numbers");
  await dynoxide.close();
  await expect.poll(() => existsSync(dirname(file))).toBe(false);
});
