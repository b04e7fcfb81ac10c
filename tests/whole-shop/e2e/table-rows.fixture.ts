import { ScanCommand } from "@aws-sdk/lib-dynamodb";
import type { OpenShop } from "@doubleshot/dev-shop";
import { physicalName } from "@doubleshot/topology";

type Row = Readonly<Record<string, unknown>>;

/** A shop whose tables are read. */
type ReadShop = Pick<OpenShop, "aws" | "shopName">;

/** All rows of a table of the shop. */
export async function rows({ aws, shopName }: ReadShop, table: string): Promise<Row[]> {
  const found: Row[] = [];
  let ExclusiveStartKey: Record<string, unknown> | undefined;
  do {
    const page = await aws.clients.documents.send(
      new ScanCommand({ TableName: physicalName(shopName, table), ConsistentRead: true, ExclusiveStartKey }),
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
export async function events(shop: ReadShop, service: string, type?: string): Promise<string[]> {
  const outbox = await rows(shop, `${service}-outbox`);
  return outbox
    .flatMap((row) => row.events as OutboxEvent[])
    .filter((event) => type === undefined || event.type === type)
    .map(({ id }) => id);
}

/** Outbox minus inbox: events of the publisher that the subscriber has no record of. Empty when nothing was lost. */
export async function undelivered(shop: ReadShop, publisher: string, subscriber: string): Promise<string[]> {
  const handled = new Set((await rows(shop, `${subscriber}-inbox`)).map(({ message }) => message));
  return (await events(shop, publisher)).filter((id) => !handled.has(`${subscriber}#${id}`));
}
