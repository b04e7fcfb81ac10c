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
const maxEntries = 10;
const maxBatchBytes = 256 * 1024;
/** Upper bound for an entry's attribute names, types and values. */
const attributeBytes = 512;

/** The first event of a backlog, in a batch. It stays in the backlog until it is published. */
export interface Entry {
  readonly backlog: Backlog;
  readonly event: OutboxEvent;
}

/**
 * Takes backlogs from the ready ones and returns their first events as a batch: at most one event of an aggregate, because
 * each entry of a batch succeeds or fails by itself, and a second event of the aggregate could overtake the first.
 */
export function nextBatch(ready: Backlog[]): Entry[] {
  const batch: Entry[] = [];
  let bytes = 0;
  while (batch.length < maxEntries) {
    const [backlog] = ready;
    const event = backlog?.rows[0]?.events[0];
    if (backlog === undefined || event === undefined) break;
    bytes += Buffer.byteLength(event.json) + attributeBytes;
    if (batch.length > 0 && bytes > maxBatchBytes) break;
    batch.push({ backlog, event });
    ready.shift();
  }
  return batch;
}

/** Removes the published event from its backlog. */
export function removePublished({ backlog: { rows } }: Entry): void {
  rows[0]?.events.shift();
  if (rows[0]?.events.length === 0) rows.shift();
}

export interface BatchTarget {
  readonly client: SNSClient;
  readonly topicArn: string;
  readonly source: string;
}

/** SNS's reason for not accepting an entry. */
export interface EntryFailure {
  readonly code: string;
  readonly message: string;
  /** SNS refuses the entry as it is, also on a retry. */
  readonly senderFault: boolean;
}

/**
 * Publishes a batch and returns the failed entries: SNS answers 200 also when entries failed. An entry that the answer does
 * not name counts as failed, because the inbox drops an event that is published twice, but one that is not published is lost.
 * A batch that is too long fails as a whole because of an entry, so each entry counts as refused; published alone, it shows
 * whether it is the cause.
 * @throws the SDK's error when the call fails as a whole.
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
  const accepted = new Set(Successful.map(({ Id }) => Id));
  const failures = new Map<Entry, EntryFailure>(
    batch.flatMap((entry, index) => (accepted.has(String(index)) ? [] : [[entry, unmentioned]])),
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

const unmentioned: EntryFailure = {
  code: "Unmentioned",
  message: "SNS's answer does not name this entry.",
  senderFault: false,
};

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
