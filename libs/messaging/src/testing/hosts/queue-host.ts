import type { Message } from "@aws-sdk/client-sqs";
import type { SQSBatchResponse, SQSEvent, SQSRecord } from "aws-lambda";
import type { Clock } from "../../runtime/index.ts";
import type { FakeQueue } from "../sqs/fake-queue.ts";
import { queueArn } from "../sqs/fake-sqs.ts";
import type { FakeFunction } from "./fake-function.ts";

export interface QueueHostOptions {
  readonly queue: FakeQueue;
  readonly function: FakeFunction<SQSEvent>;
  readonly clock: Clock;
  /** Default 10. */
  readonly batchSize?: number;
  /** The batch is hidden that long. AWS requires six times the function's timeout. */
  readonly visibilityTimeoutSeconds: number;
  readonly signal: AbortSignal;
}

/**
 * Lambda's event source mapping for a queue, with partial batch responses. Messages that the function reports as failed, and
 * a batch for which it throws, come again after the visibility timeout; the others are deleted.
 */
export async function hostQueue({
  queue,
  batchSize = 10,
  visibilityTimeoutSeconds,
  signal,
  ...options
}: QueueHostOptions): Promise<void> {
  while (!signal.aborted) {
    const messages = queue.receive(batchSize, visibilityTimeoutSeconds);
    if (messages.length === 0) await queue.nextChange();
    else void run(messages);
  }

  async function run(messages: readonly Message[]): Promise<void> {
    const failed = await failures(messages);
    for (const { MessageId = "", ReceiptHandle } of messages) {
      if (!failed.has(MessageId)) queue.delete(ReceiptHandle);
    }
  }

  async function failures(messages: readonly Message[]): Promise<Set<string>> {
    try {
      const event = { Records: messages.map((message) => asRecord(message, queue.name)) };
      const { batchItemFailures = [] } = ((await options.function.invoke(event)) ?? {}) as Partial<SQSBatchResponse>;
      return new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
    } catch {
      return new Set(messages.map(({ MessageId = "" }) => MessageId));
    }
  }
}

function asRecord(
  { MessageId = "", ReceiptHandle = "", Body = "", Attributes = {}, MessageAttributes = {} }: Message,
  queue: string,
): SQSRecord {
  return {
    messageId: MessageId,
    receiptHandle: ReceiptHandle,
    body: Body,
    attributes: {
      ...Attributes,
      ApproximateReceiveCount: Attributes.ApproximateReceiveCount ?? "1",
      SentTimestamp: Attributes.SentTimestamp ?? "0",
      ApproximateFirstReceiveTimestamp: Attributes.ApproximateFirstReceiveTimestamp ?? "0",
      SenderId: "fake",
    },
    messageAttributes: Object.fromEntries(
      Object.entries(MessageAttributes).map(([name, { DataType = "String", StringValue = "" }]) => [
        name,
        { dataType: DataType, stringValue: StringValue },
      ]),
    ),
    md5OfBody: "",
    eventSource: "aws:sqs",
    eventSourceARN: queueArn(queue),
    awsRegion: "us-east-1",
  };
}
