import {
  BatchRequestTooLongException,
  type PublishBatchCommand,
  type PublishBatchRequestEntry,
  SNSClient,
} from "@aws-sdk/client-sns";

/** `refuse` may pass, `poison` never will, `ignore` is not mentioned; `lose the call` and `too long` fail the whole batch. */
type Verdict = "accept" | "refuse" | "poison" | "ignore" | "lose the call" | "too long";

/** A topic whose failures are scripted: what the real ones cannot be made to do on demand. */
export class ScriptedTopic {
  readonly published: PublishBatchRequestEntry[] = [];
  readonly batches: PublishBatchRequestEntry[][] = [];
  readonly #verdict: (entry: PublishBatchRequestEntry) => Verdict;
  readonly client: SNSClient;

  constructor(verdict: (entry: PublishBatchRequestEntry) => Verdict = () => "accept") {
    this.#verdict = verdict;
    this.client = new SNSClient({ region: "us-east-1" });
    this.client.middlewareStack.add(() => async (args) => ({ response: {}, output: this.#publish(args.input) }), {
      step: "initialize",
    });
  }

  /** Message bodies in the order in which the topic took them, of one group or of all. */
  messages(group?: string): (string | undefined)[] {
    return this.published
      .filter(({ MessageGroupId }) => group === undefined || MessageGroupId === group)
      .map(({ Message }) => Message);
  }

  #publish(input: unknown) {
    const { PublishBatchRequestEntries: entries = [] } = input as PublishBatchCommand["input"];
    this.batches.push(entries);
    if (entries.some((entry) => this.#verdict(entry) === "lose the call")) {
      throw Object.assign(new Error("connection reset"), { name: "TimeoutError", $metadata: {} });
    }
    if (entries.some((entry) => this.#verdict(entry) === "too long")) {
      throw new BatchRequestTooLongException({ message: "The batch is too long.", $metadata: { httpStatusCode: 400 } });
    }
    const accepted = entries.filter((entry) => this.#verdict(entry) === "accept");
    this.published.push(...accepted);
    const failed = entries.filter((entry) => !accepted.includes(entry) && this.#verdict(entry) !== "ignore");
    return {
      $metadata: {},
      Successful: accepted.map(({ Id }) => ({ Id, MessageId: Id })),
      Failed: failed.map((entry) => failure(entry.Id, this.#verdict(entry) === "poison")),
    };
  }
}

function failure(Id: string | undefined, SenderFault: boolean) {
  const [Code, Message] = SenderFault ? ["InvalidParameter", "never"] : ["InternalError", "not now"];
  return { Id, Code, Message, SenderFault };
}
