import { GetQueueAttributesCommand, SendMessageCommand } from "@aws-sdk/client-sqs";
import { paginateScan } from "@aws-sdk/lib-dynamodb";
import { type AwsClients, physicalName, queueUrl } from "@doubleshot/topology";

export type Row = Record<string, unknown>;

/** A shop on an endpoint: the prefix of its resources, and clients that see them. */
export class TestShop {
  readonly name: string;
  readonly clients: AwsClients;

  constructor(name: string, clients: AwsClients) {
    this.name = name;
    this.clients = clients;
  }

  /** Physical name of the table with this short name. */
  table(shortName: string): string {
    return physicalName(this.name, shortName);
  }

  /** All rows of the table, in the order of their text. */
  async rows(shortName: string): Promise<Row[]> {
    const rows: Row[] = [];
    const pages = paginateScan(
      { client: this.clients.documents },
      { TableName: this.table(shortName), ConsistentRead: true },
    );
    for await (const { Items = [] } of pages) rows.push(...Items);
    return rows.sort((one, other) => JSON.stringify(one).localeCompare(JSON.stringify(other)));
  }

  /** Messages in the queue, those in a consumer's hands included. 0: all are settled. */
  async messagesLeft(queue: string): Promise<number> {
    const names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"] as const;
    const QueueUrl = await queueUrl(this.clients, this.name, queue);
    const { Attributes = {} } = await this.clients.sqs.send(
      new GetQueueAttributesCommand({ QueueUrl, AttributeNames: [...names] }),
    );
    return names.reduce((sum, name) => sum + Number(Attributes[name]), 0);
  }

  /** Puts a message in a FIFO queue, as its topic would. The same body again is a second delivery. */
  async send(queue: string, { group, body }: { readonly group: string; readonly body: string }): Promise<void> {
    await this.clients.sqs.send(
      new SendMessageCommand({
        QueueUrl: await queueUrl(this.clients, this.name, queue),
        MessageBody: body,
        MessageGroupId: group,
        MessageDeduplicationId: crypto.randomUUID(),
      }),
    );
  }
}
