import type { DynamoDBRecord } from "aws-lambda";

export interface Shard {
  readonly id: string;
  readonly parent?: string;
}

/** Where to read on from: the oldest record kept, or the first one after a sequence number. */
export type Position = "horizon" | { readonly after: string };

interface Page {
  readonly records: readonly DynamoDBRecord[];
  /** Absent once a closed shard has been read to its end. */
  readonly next?: string;
}

/** The part of the DynamoDB Streams API that the event source needs; records come in Lambda's shape. */
export interface StreamSource {
  readonly streamArn: string;
  /** All shards the stream still knows, closed ones included. */
  shards(): Promise<readonly Shard[]>;
  /** Throws RecordsTrimmedError when the position lies before the oldest record kept. */
  iterator(shard: string, from: Position): Promise<string>;
  /** Throws IteratorLostError when the iterator has expired (15 minutes on AWS) or means nothing any more. */
  read(iterator: string, limit: number): Promise<Page>;
}

/** The iterator is of no use any more; a new one from the last position is. */
export class IteratorLostError extends Error {
  override readonly name = "IteratorLostError";
}

/** The records asked for are older than the stream's retention (24 hours) and gone. */
export class RecordsTrimmedError extends Error {
  override readonly name = "RecordsTrimmedError";
}
