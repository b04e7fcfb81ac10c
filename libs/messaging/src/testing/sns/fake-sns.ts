import type { PublishBatchCommandInput, PublishBatchRequestEntry, PublishCommandInput } from "@aws-sdk/client-sns";
import type { Faults } from "../faults.ts";
import { snsException } from "./exceptions.ts";
import type { FakeTopic } from "./fake-topic.ts";

const maxEntries = 10;
const maxBytes = 256 * 1024;

export interface FakeSnsOptions {
  readonly topics: ReadonlyMap<string, FakeTopic>;
  readonly faults: Faults;
  /** Entries that the topic refuses for good: they fail with `SenderFault` each time. */
  readonly refuses: (entry: PublishBatchRequestEntry) => boolean;
}

export class FakeSns {
  /** Message groups of which an entry was refused for good, for assertions. */
  readonly refusedGroups = new Set<string>();
  /** Deduplication ids of entries that will be refused once more. */
  readonly #refusedAgain = new Set<string>();
  readonly #options: FakeSnsOptions;

  constructor(options: FakeSnsOptions) {
    this.#options = options;
  }

  handle(operation: string, input: object): object {
    if (operation === "PublishBatch") return this.#publishBatch(input as PublishBatchCommandInput);
    if (operation === "Publish") return this.#publish(input as PublishCommandInput);
    if (operation === "ListTopics")
      return { Topics: [...this.#options.topics.values()].map(({ arn }) => ({ TopicArn: arn })) };
    if (operation === "GetTopicAttributes")
      return { Attributes: { TopicArn: this.topic((input as { TopicArn?: string }).TopicArn).arn } };
    throw snsException("InvalidAction", `The fake does not know ${operation}.`);
  }

  /** By name or ARN. @throws NotFound */
  topic(name: string | undefined): FakeTopic {
    const topic = this.#options.topics.get(name?.split(":").at(-1) ?? "");
    if (topic === undefined) throw snsException("NotFoundException", "Topic does not exist");
    return topic;
  }

  #publishBatch({ TopicArn, PublishBatchRequestEntries: entries = [] }: PublishBatchCommandInput): object {
    const topic = this.topic(TopicArn);
    checkBatch(entries);
    const Successful: object[] = [];
    const Failed: object[] = [];
    for (const entry of entries) {
      const failure = this.#failureOf(entry);
      if (failure === undefined) take(topic, entry);
      if (failure === undefined) Successful.push({ Id: entry.Id, MessageId: `${topic.name}-${topic.taken.length}` });
      else Failed.push({ Id: entry.Id, ...failure });
    }
    return { Successful, Failed };
  }

  /** Each entry succeeds or fails by itself: the second may succeed after the first has failed. */
  #failureOf(entry: PublishBatchRequestEntry): object | undefined {
    const { faults, refuses } = this.#options;
    const refused = refuses(entry);
    if (refused) faults.saw("entry-refused");
    if (refused || this.#isRefusedByLot(entry)) {
      this.refusedGroups.add(entry.MessageGroupId ?? "");
      return { Code: "InvalidParameter", Message: "Invalid parameter: Message", SenderFault: true };
    }
    if (!faults.strikes("entry-failed")) return undefined;
    return { Code: "InternalError", Message: "We encountered an internal error.", SenderFault: false };
  }

  /** Once, or twice in a row, like a refusal for good. */
  #isRefusedByLot({ MessageDeduplicationId: id = "" }: PublishBatchRequestEntry): boolean {
    const { faults } = this.#options;
    if (this.#refusedAgain.delete(id)) return true;
    if (!faults.strikes("entry-refused")) return false;
    if (faults.random.chance(0.5)) this.#refusedAgain.add(id);
    return true;
  }

  #publish({ TopicArn, ...message }: PublishCommandInput): object {
    const topic = this.topic(TopicArn);
    if (this.#failureOf({ Id: "", ...message, Message: message.Message ?? "" }) !== undefined) {
      throw snsException("InvalidParameterException", "Invalid parameter: Message");
    }
    take(topic, message);
    return { MessageId: `${topic.name}-${topic.taken.length}` };
  }
}

type Publishable = Pick<
  PublishCommandInput,
  "Message" | "MessageGroupId" | "MessageDeduplicationId" | "MessageAttributes"
>;

function take(
  topic: FakeTopic,
  { Message = "", MessageGroupId, MessageDeduplicationId, MessageAttributes }: Publishable,
) {
  if (MessageGroupId === undefined || MessageDeduplicationId === undefined) {
    throw snsException(
      "InvalidParameterException",
      "The MessageGroupId and MessageDeduplicationId parameters are required for FIFO topics",
    );
  }
  topic.publish({
    body: Message,
    group: MessageGroupId,
    deduplicationId: MessageDeduplicationId,
    attributes: MessageAttributes,
  });
}

function checkBatch(entries: readonly PublishBatchRequestEntry[]): void {
  if (entries.length === 0) throw snsException("EmptyBatchRequestException", "The batch request contains no entries.");
  if (entries.length > maxEntries) throw snsException("TooManyEntriesInBatchRequestException", "More than 10 entries.");
  if (new Set(entries.map(({ Id }) => Id)).size < entries.length) {
    throw snsException("BatchEntryIdsNotDistinctException", "Two or more batch entries have the same Id.");
  }
  const bytes = entries.reduce((sum, { Message = "" }) => sum + Buffer.byteLength(Message), 0);
  if (bytes > maxBytes) throw snsException("BatchRequestTooLongException", "The batch is longer than 262144 bytes.");
}
