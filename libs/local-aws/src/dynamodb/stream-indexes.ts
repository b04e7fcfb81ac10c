import { DatabaseSync } from "node:sqlite";
import { hasStreamRecords } from "./stream-records.ts";

/** An index build waits this long for a write of dynoxide to end. */
const lockWaitMs = 5_000;

const indexes = [
  ["doubleshot_stream_table", "table_name, CAST(sequence_number AS INTEGER)"],
  // With the number as text at its end, it answers DescribeStream without a look at the records.
  ["doubleshot_stream_numbers", "table_name, shard_id, CAST(sequence_number AS INTEGER), sequence_number"],
] as const;

/** Indexes of files from earlier versions of this module. */
const formerIndexes = ["doubleshot_stream_shard"];

/**
 * Adds the indexes that dynoxide 1.2.1 lacks on its stream records. Without them each GetRecords, each shard iterator
 * and each streamed write reads all records of the table, and so does DescribeStream, of which a start makes one for each
 * stream. A version that keeps stream records elsewhere is left alone.
 * Throws SQLite's error when the file cannot be written or stays locked for 5 seconds.
 */
export function addStreamIndexes(file: string): void {
  const db = new DatabaseSync(file);
  try {
    db.exec(`PRAGMA busy_timeout = ${lockWaitMs}`);
    // Without one of the columns the index cannot be made, and the version is not the one that needs it.
    if (!hasStreamRecords(db, ["table_name", "shard_id", "sequence_number"])) return;
    for (const name of formerIndexes) db.exec(`DROP INDEX IF EXISTS ${name}`);
    for (const [name, expressions] of indexes) {
      db.exec(`CREATE INDEX IF NOT EXISTS ${name} ON _stream_records (${expressions})`);
    }
  } finally {
    db.close();
  }
}
