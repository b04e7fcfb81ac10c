import { DeleteQueueCommand, paginateListQueues, QueueDoesNotExist, type SQSClient } from "@aws-sdk/client-sqs";
import {
  DeleteCommand,
  type DynamoDBDocumentClient,
  PutCommand,
  paginateScan,
  UpdateCommand,
} from "@aws-sdk/lib-dynamodb";
import { conditionHeld } from "@doubleshot/topology";

export interface InstancesOptions {
  readonly client: DynamoDBDocumentClient;
  readonly sqs: SQSClient;
  readonly table: string;
  /** Prefix of all hint queues' names. The instance's id follows it. */
  readonly queuePrefix: string;
  /** An instance counts as alive for this time after its last heartbeat. */
  readonly leaseSeconds: number;
}

interface InstanceRow {
  readonly id: string;
  /** Epoch seconds. */
  readonly expiresAt: number;
}

/**
 * The processes that can receive hints, one row each, and the queues that killed processes leave behind.
 *
 * An instance writes its row before it creates its queue, and deletes the row last. So a queue without a row has no
 * owner: its process was killed, or DynamoDB's own expiry removed the row first. The janitor deletes a row only while
 * the row still has the lapsed `expiresAt` that it read. An instance that renews at the same moment keeps its row. One
 * that renews later finds no row, and opens another mailbox under another id.
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

  /** Extends the lease. Returns false when a janitor has removed the instance; its queue goes with the row. */
  async renew(id: string): Promise<boolean> {
    const { client, table } = this.#options;
    return conditionHeld(
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
   * The janitor's round: removes the rows of instances that have lapsed, and queues without a row. Any instance may run
   * it at any time. Returns the names of the queues that it removed.
   */
  async removeLapsed(): Promise<string[]> {
    // Queues first, rows after: an instance that registers in between then has its row among those read.
    const queues = await this.#queues();
    const rows = await this.#rows();
    const alive = new Set<string>();
    for (const row of rows) {
      const isLapsed = row.expiresAt < nowInSeconds();
      if (!(isLapsed && (await this.#deleteLapsed(row)))) alive.add(this.queueName(row.id));
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

  /** Deletes the row unless its instance has renewed it meanwhile. Returns whether it was deleted. */
  #deleteLapsed({ id, expiresAt }: InstanceRow): Promise<boolean> {
    const { client, table } = this.#options;
    return conditionHeld(
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
    return nowInSeconds() + this.#options.leaseSeconds;
  }
}

/** Removes the queue. A queue that is gone already is no error. */
export async function removeQueue(sqs: SQSClient, queueUrl: string): Promise<void> {
  try {
    await sqs.send(new DeleteQueueCommand({ QueueUrl: queueUrl }));
  } catch (error) {
    if (!(error instanceof QueueDoesNotExist)) throw error;
  }
}

const nowInSeconds = (): number => Math.floor(Date.now() / 1000);
