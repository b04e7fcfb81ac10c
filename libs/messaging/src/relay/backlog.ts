import type { DynamoDBRecord } from "aws-lambda";
import type { OutboxEvent } from "../outbox/index.ts";
import { insertedRow, MalformedRowError } from "./stream-rows.ts";

/** An aggregate's rows with unpublished events, in the order of their versions. */
export interface Backlog {
  readonly aggregate: string;
  readonly rows: BacklogRow[];
}

export interface BacklogRow {
  readonly version: number;
  /** Index of its stream record. */
  readonly record: number;
  /** The unpublished events, in order. */
  readonly events: OutboxEvent[];
  /** Set for an unreadable row: its content, and the reason. */
  readonly malformed?: { readonly row: string; readonly reason: MalformedRowError };
}

/**
 * Sorts the inserted rows of an invocation into backlogs.
 * @throws MalformedRowError for a record without the outbox's keys or without a row: the stream is not an outbox's.
 */
export function backlogsOf(records: readonly DynamoDBRecord[]): Backlog[] {
  const rows = records.flatMap((streamed, record) => {
    const { aggregate, row } = readRow(streamed, record) ?? {};
    return aggregate === undefined || row === undefined ? [] : [{ aggregate, row }];
  });
  const byAggregate = Map.groupBy(rows, ({ aggregate }) => aggregate);
  return [...byAggregate].map(([aggregate, ofAggregate]) => ({
    aggregate,
    rows: ofAggregate.map(({ row }) => row).toSorted((a, b) => a.version - b.version),
  }));
}

/**
 * DynamoDB takes 400 KB an item, and a row is larger as JSON than in its table. A row that cannot be parked would block the
 * shard.
 */
const maxKeptBytes = 300_000;

/** The row, or its beginning. The outbox has the whole row until it expires there. */
function kept(row: string): string {
  const bytes = Buffer.from(row);
  if (bytes.byteLength <= maxKeptBytes) return row;
  return `${bytes.subarray(0, maxKeptBytes).toString()}... (cut: the outbox has all of its ${bytes.byteLength} bytes)`;
}

/** Stands for version 0, which is the key of the marker in the parked table. It sorts before all valid versions. */
const versionZero = 0.5;

function readRow(streamed: DynamoDBRecord, record: number): { aggregate: string; row: BacklogRow } | undefined {
  try {
    const inserted = insertedRow(streamed);
    if (inserted === undefined || inserted.events.length === 0) return undefined;
    const { aggregate, version, events } = inserted;
    return { aggregate, row: { version, record, events: [...events] } };
  } catch (reason) {
    const { Keys, NewImage } = streamed.dynamodb ?? {};
    const [aggregate, version] = [Keys?.aggregate?.S, Number(Keys?.version?.N)];
    if (!(reason instanceof MalformedRowError) || aggregate === undefined || Number.isNaN(version)) throw reason;
    // The stream brings keys only: its settings are wrong, and not this row.
    if (NewImage === undefined) throw reason;
    const malformed = { row: kept(JSON.stringify(NewImage)), reason };
    return { aggregate, row: { version: version === 0 ? versionZero : version, record, events: [], malformed } };
  }
}
