import {
  type BatchResultErrorEntry,
  PublishBatchCommand,
  type PublishBatchCommandOutput,
  type PublishBatchRequestEntry,
  type SNSClient,
} from "@aws-sdk/client-sns";
import type { OutboxEvent } from "../outbox/index.ts";
import type { Backlog } from "./backlog.ts";

/** SNS takes ten entries and 256 KiB a batch, message attributes included. @see https://docs.aws.amazon.com/sns/latest/api/API_PublishBatch.html */
const mostEntries = 10;
const mostBytes = 256 * 1024;
/** What an entry weighs beside its message: attribute names, types and values, generously. */
const attributeBytes = 512;

/** The first event of a backlog, on its way. It stays in the backlog until it has been published. */
export interface Entry {
  readonly backlog: Backlog;
  readonly event: OutboxEvent;
}

/**
 * Takes the next batch off the line: at most one event of an aggregate, because the entries of a batch succeed and fail
 * each on its own, and with two of one aggregate the second could overtake the first.
 */
export function nextBatch(line: Backlog[]): Entry[] {
  const batch: Entry[] = [];
  let bytes = 0;
  while (batch.length < mostEntries) {
    const [backlog] = line;
    const event = backlog?.rows[0]?.events[0];
    if (backlog === undefined || event === undefined) break;
    bytes += Buffer.byteLength(event.json) + attributeBytes;
    if (batch.length > 0 && bytes > mostBytes) break;
    batch.push({ backlog, event });
    line.shift();
  }
  return batch;
}

/** Strikes the first event off its backlog: it has been published. */
export function published({ backlog: { rows } }: Entry): void {
  rows[0]?.events.shift();
  if (rows[0]?.events.length === 0) rows.shift();
}

export interface BatchTarget {
  readonly client: SNSClient;
  readonly topicArn: string;
  readonly source: string;
}

/** Why SNS did not take one entry of a batch. */
export interface EntryFailure {
  readonly code: string;
  readonly message: string;
  /** SNS will never take it as it is. */
  readonly senderFault: boolean;
}

/**
 * Publishes a batch and returns the entries that failed: SNS answers 200 also when some or all did. An entry that the
 * answer does not mention has failed too: what is published twice is told apart later, what is not is lost. A call that
 * is too long is refused as a whole, which is no outage: it is what its entries carry, and alone one says which.
 * @throws what the SDK throws when the call was refused or lost as a whole.
 */
export async function publishBatch(
  { client, topicArn, source }: BatchTarget,
  batch: readonly Entry[],
  abortSignal: AbortSignal,
): Promise<Map<Entry, EntryFailure>> {
  const request = new PublishBatchCommand({
    TopicArn: topicArn,
    PublishBatchRequestEntries: batch.map((entry, index) => requestEntry(entry, index, source)),
  });
  const { Successful = [], Failed = [] } = await client
    .send(request, { abortSignal })
    .catch((error: unknown): Pick<PublishBatchCommandOutput, "Successful" | "Failed"> => {
      if (!(error instanceof Error && error.name === "BatchRequestTooLongException")) throw error;
      return { Failed: batch.map((_, index) => tooLong(index, error)) };
    });
  const taken = new Set(Successful.map(({ Id }) => Id));
  const failures = new Map<Entry, EntryFailure>(
    batch.flatMap((entry, index) => (taken.has(String(index)) ? [] : [[entry, unmentioned]])),
  );
  for (const { Id, Code = "Unknown", Message = "", SenderFault = false } of Failed) {
    const entry = batch[Number(Id)];
    if (entry !== undefined) failures.set(entry, { code: Code, message: Message, senderFault: SenderFault });
  }
  return failures;
}

function tooLong(index: number, { message }: Error): BatchResultErrorEntry {
  return { Id: String(index), Code: "BatchRequestTooLong", Message: message, SenderFault: true };
}

const unmentioned: EntryFailure = { code: "Unmentioned", message: "SNS did not say.", senderFault: false };

function requestEntry({ backlog, event }: Entry, index: number, source: string): PublishBatchRequestEntry {
  return {
    Id: String(index),
    Message: event.json,
    MessageGroupId: backlog.aggregate,
    MessageDeduplicationId: event.id,
    MessageAttributes: {
      type: { DataType: "String", StringValue: event.type },
      source: { DataType: "String", StringValue: source },
    },
  };
}
