import { DatabaseSync } from "node:sqlite";

/** A lock of dynoxide is waited for this long, in milliseconds; the host serves nothing meanwhile. */
const lockWaitMs = 100;

const needed = ["id", "table_name", "shard_id", "sequence_number", "created_at"];

/**
 * The stream records in dynoxide's SQLite file. Without records that look like those of dynoxide 1.2.1, there is nothing
 * to trim and nothing is known. Every call throws SQLite's error when the file is locked for 100 ms.
 */
export interface StreamRecords {
  /**
   * Deletes records older than `before` (epoch seconds) out of the next 200 after the record `id`, but never the newest
   * of a table: dynoxide derives the table's next sequence number from it. Returns where to go on, or undefined when
   * the first record that is young enough has been reached.
   */
  trim(id: number, before: number): number | undefined;
  /** The sequence number of the oldest record kept of a table. */
  oldest(table: string): bigint | undefined;
  close(): void;
}

const batchSize = 200;
const sequence = "CAST(sequence_number AS INTEGER)";

export function openStreamRecords(file: string): StreamRecords {
  const db = new DatabaseSync(file);
  db.exec(`PRAGMA busy_timeout = ${lockWaitMs}`);
  if (!hasStreamRecords(db, needed)) {
    return { trim: () => undefined, oldest: () => undefined, close: () => db.close() };
  }
  const next = db.prepare(
    `SELECT MAX(id) AS last, MAX(created_at) AS youngest
       FROM (SELECT id, created_at FROM _stream_records WHERE id > ? ORDER BY id LIMIT ${batchSize})`,
  );
  const trim = db.prepare(
    `DELETE FROM _stream_records WHERE id > ? AND id <= ? AND created_at < ?
        AND EXISTS (SELECT 1 FROM _stream_records AS newer WHERE newer.table_name = _stream_records.table_name
          AND CAST(newer.sequence_number AS INTEGER) > CAST(_stream_records.sequence_number AS INTEGER))`,
  );
  const oldest = db.prepare(
    `SELECT ${sequence} AS oldest FROM _stream_records WHERE table_name = ? ORDER BY ${sequence} LIMIT 1`,
  );
  oldest.setReadBigInts(true);
  return {
    trim: (id, before) => {
      const { last, youngest } = next.get(id) ?? {};
      if (typeof last !== "number" || typeof youngest !== "number") return undefined;
      trim.run(id, last, before);
      return youngest < before ? last : undefined;
    },
    oldest: (table) => {
      const found = oldest.get(table)?.oldest;
      return typeof found === "bigint" ? found : undefined;
    },
    close: () => db.close(),
  };
}

/** Another version of dynoxide may keep its stream records elsewhere. */
export function hasStreamRecords(db: DatabaseSync, columns: readonly string[]): boolean {
  const found = db.prepare("SELECT name FROM pragma_table_info('_stream_records')").all();
  const names = new Set(found.map(({ name }) => name));
  return columns.every((name) => names.has(name));
}
