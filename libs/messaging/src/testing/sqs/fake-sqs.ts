import type {
  ChangeMessageVisibilityBatchCommandInput,
  ChangeMessageVisibilityCommandInput,
  DeleteMessageBatchCommandInput,
  DeleteMessageCommandInput,
  Message,
  ReceiveMessageCommandInput,
  SendMessageBatchCommandInput,
  SendMessageCommandInput,
} from "@aws-sdk/client-sqs";
import type { Faults } from "../faults.ts";
import type { Call } from "../network.ts";
import type { Time } from "../time/time.ts";
import { sqsException } from "./exceptions.ts";
import type { FakeQueue, SentMessage } from "./fake-queue.ts";

type Operation = (input: never, call: Call) => object | Promise<object>;

export class FakeSqs {
  readonly #queues: ReadonlyMap<string, FakeQueue>;
  readonly #time: Time;
  readonly #faults: Faults;
  /** Queues that accept nothing, with the end of that time. */
  readonly #refusing = new Map<FakeQueue, number>();
  readonly #operations: Readonly<Record<string, Operation>>;

  constructor(queues: ReadonlyMap<string, FakeQueue>, { time, faults }: { time: Time; faults: Faults }) {
    this.#queues = queues;
    this.#time = time;
    this.#faults = faults;
    this.#operations = {
      GetQueueUrl: ({ QueueName }: { QueueName?: string }) => ({ QueueUrl: queueUrl(this.queue(QueueName).name) }),
      GetQueueAttributes: (input: { QueueUrl?: string }) => this.#attributes(input),
      SendMessage: (input: SendMessageCommandInput) => this.#send(input.QueueUrl, input),
      SendMessageBatch: (input: SendMessageBatchCommandInput) =>
        eachEntry(input.Entries, (entry) => this.#send(input.QueueUrl, entry)),
      ReceiveMessage: (input: ReceiveMessageCommandInput, call) => this.#receive(input, call),
      DeleteMessage: (input: DeleteMessageCommandInput) => this.#delete(input.QueueUrl, input),
      DeleteMessageBatch: (input: DeleteMessageBatchCommandInput) =>
        eachEntry(input.Entries, (entry) => this.#delete(input.QueueUrl, entry)),
      ChangeMessageVisibility: (input: ChangeMessageVisibilityCommandInput) => this.#hide(input.QueueUrl, input),
      ChangeMessageVisibilityBatch: (input: ChangeMessageVisibilityBatchCommandInput) =>
        eachEntry(input.Entries, (entry) => this.#hide(input.QueueUrl, entry)),
    };
  }

  handle(operation: string, input: object, call: Call): object | Promise<object> {
    const run = this.#operations[operation];
    if (run === undefined) throw sqsException("UnknownOperation", `The fake does not know ${operation}.`);
    return run(input as never, call);
  }

  /** By name, URL or ARN. @throws QueueDoesNotExist */
  queue(name: string | undefined): FakeQueue {
    const queue = this.#queues.get(name?.split(/[/:]/).at(-1) ?? "");
    if (queue === undefined) throw sqsException("QueueDoesNotExist", `The specified queue does not exist: ${name}`);
    return queue;
  }

  #send(queueUrl: string | undefined, message: Sendable): object {
    const queue = this.queue(queueUrl);
    if (this.#refuses(queue)) throw sqsException("InvalidParameterValue", "One or more parameters are invalid.");
    return queue.send(sent(message));
  }

  /** Refuses every message for a while, like a queue with wrong settings until an operator corrects them. */
  #refuses(queue: FakeQueue): boolean {
    const now = this.#time.now();
    if ((this.#refusing.get(queue) ?? 0) > now) {
      this.#faults.saw("send-refused");
      return true;
    }
    const begins = this.#faults.strikes("send-refused");
    if (begins) this.#refusing.set(queue, now + this.#faults.random.integer(1_000, 30_000));
    return begins;
  }

  #delete(queue: string | undefined, { ReceiptHandle }: { ReceiptHandle: string | undefined }): object {
    this.queue(queue).delete(ReceiptHandle);
    return {};
  }

  #hide(
    queue: string | undefined,
    {
      ReceiptHandle,
      VisibilityTimeout = 0,
    }: { ReceiptHandle: string | undefined; VisibilityTimeout?: number | undefined },
  ): object {
    this.queue(queue).changeVisibility(ReceiptHandle, VisibilityTimeout);
    return {};
  }

  /** Answers when there is a message, or without one when the wait ends or the caller aborts. */
  async #receive(input: ReceiveMessageCommandInput, call: Call): Promise<object> {
    const queue = this.queue(input.QueueUrl);
    const until = this.#time.now() + (input.WaitTimeSeconds ?? 0) * 1000;
    for (;;) {
      if (call.hungUp()) return {};
      const Messages = queue.receive(input.MaxNumberOfMessages ?? 1, input.VisibilityTimeout);
      if (Messages.length > 0) return { Messages: Messages.map((message) => asAsked(message, input)) };
      if (this.#time.now() >= until) return {};
      await this.#newsOrTime(queue, until - this.#time.now(), call.signal);
    }
  }

  /** The timer of an aborted long poll would keep a test's process alive. */
  #newsOrTime(queue: FakeQueue, milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#time.after(milliseconds, () => end());
      const end = () => {
        cancel();
        signal?.removeEventListener("abort", end);
        resolve();
      };
      void queue.nextChange().then(end);
      signal?.addEventListener("abort", end);
    });
  }

  #attributes({ QueueUrl }: { QueueUrl?: string }): object {
    const { name, fifo, messages } = this.queue(QueueUrl);
    const now = this.#time.now();
    const hidden = messages.filter(({ hiddenUntil }) => hiddenUntil > now).length;
    return {
      Attributes: {
        QueueArn: queueArn(name),
        FifoQueue: String(fifo),
        ApproximateNumberOfMessages: String(messages.length - hidden),
        ApproximateNumberOfMessagesNotVisible: String(hidden),
      },
    };
  }
}

/** SQS returns only the requested attributes: names, `All`, or `prefix.*`. */
function asAsked(
  message: Message,
  { MessageSystemAttributeNames, MessageAttributeNames }: ReceiveMessageCommandInput,
): Message {
  const { Attributes = {}, MessageAttributes = {}, ...rest } = message;
  const system = selected(Attributes, MessageSystemAttributeNames);
  const own = selected(MessageAttributes, MessageAttributeNames);
  return { ...rest, ...(system && { Attributes: system }), ...(own && { MessageAttributes: own }) };
}

function selected<T>(attributes: Record<string, T>, names: readonly string[] = []): Record<string, T> | undefined {
  const asked = (attribute: string) =>
    names.some(
      (name) =>
        name === "All" || name === attribute || (name.endsWith(".*") && attribute.startsWith(name.slice(0, -2))),
    );
  const kept = Object.entries(attributes).filter(([attribute]) => asked(attribute));
  return kept.length === 0 ? undefined : Object.fromEntries(kept);
}

export function queueUrl(name: string): string {
  return `https://sqs.us-east-1.amazonaws.com/000000000000/${name}`;
}

export function queueArn(name: string): string {
  return `arn:aws:sqs:us-east-1:000000000000:${name}`;
}

type Sendable = Pick<
  SendMessageCommandInput,
  "MessageBody" | "MessageGroupId" | "MessageDeduplicationId" | "MessageAttributes"
>;

function sent({ MessageBody = "", MessageGroupId, MessageDeduplicationId, MessageAttributes }: Sendable): SentMessage {
  return {
    body: MessageBody,
    group: MessageGroupId,
    deduplicationId: MessageDeduplicationId,
    attributes: MessageAttributes,
  };
}

/** Each entry of a batch succeeds or fails by itself. */
function eachEntry<Entry extends { Id: string | undefined }>(
  entries: readonly Entry[] = [],
  run: (entry: Entry) => object,
): object {
  const Successful: object[] = [];
  const Failed: object[] = [];
  for (const entry of entries) {
    try {
      Successful.push({ Id: entry.Id, ...run(entry) });
    } catch (error) {
      const { name, message } = error as Error;
      Failed.push({ Id: entry.Id, Code: name, Message: message, SenderFault: true });
    }
  }
  return { Successful, Failed };
}
