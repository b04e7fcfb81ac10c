import type { PublishBatchCommandInput } from "@aws-sdk/client-sns";
import type { ReceiveMessageCommandOutput } from "@aws-sdk/client-sqs";
import type { AwsClients } from "@doubleshot/topology";

/** The billed units of the calls that were made. */
export interface Billed {
  /** DynamoDB's read and write request units, indexes included. */
  readUnits: number;
  writeUnits: number;
  /** Messages that SNS takes, and their bytes. */
  published: number;
  publishedBytes: number;
  /** Receives that brought messages, and other calls to SQS. */
  receives: number;
  otherQueueCalls: number;
  /** Read units of the index of markers, which is read once for each receive and each invocation of a relay. */
  markerReads: number;
}

interface Consumed {
  readonly CapacityUnits?: number;
}

const none: Billed = {
  readUnits: 0,
  writeUnits: 0,
  published: 0,
  publishedBytes: 0,
  receives: 0,
  otherQueueCalls: 0,
  markerReads: 0,
};

/** Counts what AWS bills of the calls of any clients. */
export class BilledCalls {
  #billed: Billed = { ...none };

  /** The bill so far. */
  get total(): Readonly<Billed> {
    return { ...this.#billed };
  }

  reset(): void {
    this.#billed = { ...none };
  }

  watch({ documents, sns, sqs, longPolls }: AwsClients): void {
    documents.middlewareStack.add(
      (next, { commandName = "" }) =>
        async (args) => {
          Object.assign(args.input, { ReturnConsumedCapacity: "TOTAL" });
          const result = await next(args);
          this.#addUnits(commandName, args.input, result.output);
          return result;
        },
      { step: "initialize" },
    );
    sns.middlewareStack.add(
      (next) => async (args) => {
        const { PublishBatchRequestEntries = [] } = args.input as PublishBatchCommandInput;
        this.#billed.published += PublishBatchRequestEntries.length;
        for (const { Message = "" } of PublishBatchRequestEntries) {
          this.#billed.publishedBytes += Buffer.byteLength(Message);
        }
        return next(args);
      },
      { step: "initialize" },
    );
    for (const { middlewareStack } of new Set([sqs, longPolls])) {
      middlewareStack.add(
        (next, { commandName }) =>
          async (args) => {
            const result = await next(args);
            const { Messages = [] } = result.output as Partial<ReceiveMessageCommandOutput>;
            if (commandName !== "ReceiveMessageCommand") this.#billed.otherQueueCalls += 1;
            else if (Messages.length > 0) this.#billed.receives += 1;
            return result;
          },
        { step: "initialize" },
      );
    }
  }

  #addUnits(commandName: string, input: object, output: object): void {
    const { ConsumedCapacity = [] } = output as { ConsumedCapacity?: Consumed | Consumed[] };
    const units = [ConsumedCapacity].flat().reduce((sum, { CapacityUnits = 0 }) => sum + CapacityUnits, 0);
    const isRead = /Get|Query|Scan/.test(commandName);
    if (isRead && isOfMarkers(input)) this.#billed.markerReads += units;
    else if (isRead) this.#billed.readUnits += units;
    else this.#billed.writeUnits += units;
  }
}

/** The marker index is the only row that is read from an inbox or a parked table. */
function isOfMarkers(input: object): boolean {
  const { RequestItems = {} } = input as { RequestItems?: Record<string, unknown> };
  return Object.keys(RequestItems).some((table) => /-(inbox|parked)$/.test(table));
}
