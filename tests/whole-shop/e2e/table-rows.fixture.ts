import { ScanCommand } from "@aws-sdk/lib-dynamodb";
import type { AwsClients } from "@doubleshot/topology";
import { physicalName } from "@doubleshot/topology";

type Row = Readonly<Record<string, unknown>>;

/** All rows of a table of the shop. */
export async function rows({ documents }: AwsClients, table: string, shop = "doubleshot"): Promise<Row[]> {
  const found: Row[] = [];
  let ExclusiveStartKey: Record<string, unknown> | undefined;
  do {
    const page = await documents.send(
      new ScanCommand({ TableName: physicalName(shop, table), ConsistentRead: true, ExclusiveStartKey }),
    );
    found.push(...(page.Items ?? []));
    ExclusiveStartKey = page.LastEvaluatedKey;
  } while (ExclusiveStartKey !== undefined);
  return found;
}

interface OutboxEvent {
  readonly id: string;
  readonly type: string;
}

/** Ids of the events in a service's outbox, of one type or of all. */
export async function events(clients: AwsClients, service: string, type?: string): Promise<string[]> {
  const outbox = await rows(clients, `${service}-outbox`);
  return outbox
    .flatMap((row) => row.events as OutboxEvent[])
    .filter((event) => type === undefined || event.type === type)
    .map(({ id }) => id);
}

/** Outbox minus inbox: events of the publisher that the subscriber has no record of. Empty when nothing was lost. */
export async function undelivered(clients: AwsClients, publisher: string, subscriber: string): Promise<string[]> {
  const handled = new Set((await rows(clients, `${subscriber}-inbox`)).map(({ message }) => message));
  return (await events(clients, publisher)).filter((id) => !handled.has(`${subscriber}#${id}`));
}
