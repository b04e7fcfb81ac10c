import type { DynamoDBRecord } from "aws-lambda";
import type { OutboxEvent } from "../outbox/index.ts";
import { insertedRow, MalformedRow } from "./stream-rows.ts";

/** An aggregate's rows that still have something to publish, in the order of their versions. */
export interface Backlog {
  readonly aggregate: string;
  readonly rows: BacklogRow[];
}

export interface BacklogRow {
  readonly version: number;
  /** Index of the stream record it came with. */
  readonly record: number;
  /** Those not yet published, in order. */
  readonly events: OutboxEvent[];
  /** Set for a row that cannot be read: what is in it, and what is wrong with it. */
  readonly malformed?: { readonly row: string; readonly reason: MalformedRow };
}

/**
 * Sorts the insertions of an invocation into backlogs.
 * @throws MalformedRow for a record without the outbox's keys, or without a row: the stream is not that of an outbox.
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

/** DynamoDB takes 400 KB an item, and a row is larger as JSON than it was: what could not be parked would hold up all others. */
const mostKept = 300_000;

/** The row, or its beginning: the whole of it stays in the outbox until it expires there, if it ever does. */
function kept(row: string): string {
  const bytes = Buffer.from(row);
  if (bytes.byteLength <= mostKept) return row;
  return `${bytes.subarray(0, mostKept).toString()}... (cut: the outbox has all of its ${bytes.byteLength} bytes)`;
}

/** For a row of version 0, under which its aggregate's marker would stand if it is parked: before all that are to come. */
const beforeAll = 0.5;

function readRow(streamed: DynamoDBRecord, record: number): { aggregate: string; row: BacklogRow } | undefined {
  try {
    const inserted = insertedRow(streamed);
    if (inserted === undefined || inserted.events.length === 0) return undefined;
    const { aggregate, version, events } = inserted;
    return { aggregate, row: { version, record, events: [...events] } };
  } catch (reason) {
    const { Keys, NewImage } = streamed.dynamodb ?? {};
    const [aggregate, version] = [Keys?.aggregate?.S, Number(Keys?.version?.N)];
    if (!(reason instanceof MalformedRow) || aggregate === undefined || Number.isNaN(version)) throw reason;
    // Not one row is at fault, but the stream: it brings keys alone.
    if (NewImage === undefined) throw reason;
    const malformed = { row: kept(JSON.stringify(NewImage)), reason };
    return { aggregate, row: { version: version === 0 ? beforeAll : version, record, events: [], malformed } };
  }
}
