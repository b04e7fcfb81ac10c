import type { DynamoDBRecord } from "aws-lambda";

/** A part of a stream: the changes of the keys whose hash lies from `from` up to `to`, in order. */
export class Shard {
  readonly id: string;
  /** Shards with these keys before. Their records come first. */
  readonly parents: readonly Shard[];
  readonly from: number;
  readonly to: number;
  readonly records: StreamedRecord[] = [];
  isClosed = false;

  constructor(id: string, { from, to }: { from: number; to: number }, parents: readonly Shard[] = []) {
    this.id = id;
    this.parents = parents;
    this.from = from;
    this.to = to;
  }
}

export interface StreamedRecord {
  readonly record: DynamoDBRecord;
  readonly sequence: number;
  /** When readers can read it, in milliseconds since the epoch. */
  readonly visibleAt: number;
}
