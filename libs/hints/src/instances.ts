import { DeleteQueueCommand, paginateListQueues, QueueDoesNotExist, type SQSClient } from "@aws-sdk/client-sqs";
import {
  DeleteCommand,
  type DynamoDBDocumentClient,
  PutCommand,
  paginateScan,
  UpdateCommand,
} from "@aws-sdk/lib-dynamodb";

export interface InstancesOptions {
  readonly client: DynamoDBDocumentClient;
  readonly sqs: SQSClient;
  readonly table: string;
  /** What all hint queues' names begin with; the rest is the instance's id. */
  readonly queuePrefix: string;
  /** Seconds an instance counts as alive after its last sign of life. */
  readonly lease: number;
}

interface InstanceRow {
  readonly id: string;
  /** Epoch seconds. */
  readonly expiresAt: number;
}

/**
 * The processes that can be sent hints, one row each, and the queues they leave behind when they die.
 *
 * An instance's row is there before its queue is, and goes after it. So a queue without a row is nobody's, whether its
 * process was killed, or DynamoDB's own expiry was quicker than us. A row is taken from an instance only at the
 * `expiresAt` that was seen to have lapsed: one that is merely late and renews in the same moment keeps it, and one
 * that comes later finds that it has none, and begins anew under another id.
 */
export class Instances {
  readonly #options: InstancesOptions;

  constructor(options: InstancesOptions) {
    this.#options = options;
  }

  queueName(id: string): string {
    return `${this.#options.queuePrefix}${id}`;
  }

  async register(id: string): Promise<void> {
    const { client, table } = this.#options;
    const now = new Date().toISOString();
    const Item = { id, startedAt: now, seenAt: now, queue: this.queueName(id), expiresAt: this.#leaseEnd() };
    await client.send(new PutCommand({ TableName: table, Item }));
  }

  /** A sign of life. False: the instance has been given up, and its queue with it. */
  async renew(id: string): Promise<boolean> {
    const { client, table } = this.#options;
    return heldTrue(
      client.send(
        new UpdateCommand({
          TableName: table,
          Key: { id },
          UpdateExpression: "SET #expiresAt = :expiresAt, #seenAt = :now",
          ConditionExpression: "attribute_exists(#id)",
          ExpressionAttributeNames: { "#id": "id", "#expiresAt": "expiresAt", "#seenAt": "seenAt" },
          ExpressionAttributeValues: { ":expiresAt": this.#leaseEnd(), ":now": new Date().toISOString() },
        }),
      ),
    );
  }

  async unregister(id: string): Promise<void> {
    await this.#options.client.send(new DeleteCommand({ TableName: this.#options.table, Key: { id } }));
  }

  /** Ids of all instances whose lease has not ended. */
  async alive(): Promise<string[]> {
    const rows = await this.#rows();
    return rows.filter(({ expiresAt }) => expiresAt >= nowInSeconds()).map(({ id }) => id);
  }

  /**
   * The janitor's round: removes the rows of instances that have lapsed, and queues without a row. Any instance may do
   * it at any time. Gives back the names of the queues it removed.
   */
  async removeLapsed(): Promise<string[]> {
    // Queues first, rows after: what is registered in between is then known to be alive.
    const queues = await this.#queues();
    const rows = await this.#rows();
    const alive = new Set<string>();
    for (const row of rows) {
      const lapsed = row.expiresAt < nowInSeconds();
      if (!(lapsed && (await this.#take(row)))) alive.add(this.queueName(row.id));
    }
    const removed: string[] = [];
    for (const [name, url] of queues) {
      if (alive.has(name)) continue;
      await removeQueue(this.#options.sqs, url);
      removed.push(name);
    }
    return removed;
  }

  async #queues(): Promise<Map<string, string>> {
    const { sqs, queuePrefix } = this.#options;
    const queues = new Map<string, string>();
    const pages = paginateListQueues({ client: sqs, pageSize: 1_000 }, { QueueNamePrefix: queuePrefix });
    for await (const { QueueUrls = [] } of pages) {
      for (const url of QueueUrls) queues.set(url.slice(url.lastIndexOf("/") + 1), url);
    }
    return queues;
  }

  async #rows(): Promise<InstanceRow[]> {
    const { client, table } = this.#options;
    const rows: InstanceRow[] = [];
    for await (const { Items = [] } of paginateScan({ client }, { TableName: table, ConsistentRead: true })) {
      for (const { id, expiresAt } of Items) rows.push({ id: String(id), expiresAt: Number(expiresAt) });
    }
    return rows;
  }

  #take({ id, expiresAt }: InstanceRow): Promise<boolean> {
    const { client, table } = this.#options;
    return heldTrue(
      client.send(
        new DeleteCommand({
          TableName: table,
          Key: { id },
          ConditionExpression: "#expiresAt = :seen",
          ExpressionAttributeNames: { "#expiresAt": "expiresAt" },
          ExpressionAttributeValues: { ":seen": expiresAt },
        }),
      ),
    );
  }

  #leaseEnd(): number {
    return nowInSeconds() + this.#options.lease;
  }
}

/** Removes the queue, also when it is gone already. */
export async function removeQueue(sqs: SQSClient, queueUrl: string): Promise<void> {
  try {
    await sqs.send(new DeleteQueueCommand({ QueueUrl: queueUrl }));
  } catch (error) {
    if (!(error instanceof QueueDoesNotExist)) throw error;
  }
}

/** Whether the conditional write's condition held. */
async function heldTrue(write: Promise<unknown>): Promise<boolean> {
  try {
    await write;
    return true;
  } catch (error) {
    if (error instanceof Error && error.name === "ConditionalCheckFailedException") return false;
    throw error;
  }
}

const nowInSeconds = (): number => Math.floor(Date.now() / 1000);
