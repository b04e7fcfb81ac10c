import { QueryCommand } from "@aws-sdk/lib-dynamodb";
import { type PassingStatus, physicalName } from "@doubleshot/topology";
import type { Shop } from "../shop.ts";

/** Items that stay in a status which others should have ended. */
export interface StuckItems {
  readonly service: string;
  /** Kind of the aggregates. */
  readonly kind: string;
  readonly status: string;
  readonly maxSeconds: number;
  /** At most those on the first page (1 MB) of each partition of the index. */
  readonly count: number;
  /** Id of the one that waits the longest, and since when (RFC 3339). */
  readonly oldest?: { readonly id: string; readonly since: string };
}

/** Looks for items that have waited too long, where a service names a status that passes. */
export async function stuckItems(shop: Shop, now = Date.now()): Promise<StuckItems[]> {
  const services = Object.entries(shop.topology.services ?? {});
  const found = services.map(async ([service, { traced }]) => {
    if (traced?.passing === undefined) return [];
    const { kind, table, passing } = traced;
    const { status, maxSeconds } = passing;
    const items = await waitingSince(shop, table, passing, new Date(now - maxSeconds * 1_000).toISOString());
    const [oldest] = items.toSorted((one, other) => one.since.localeCompare(other.since));
    return [{ service, kind, status, maxSeconds, count: items.length, ...(oldest && { oldest }) }];
  });
  return (await Promise.all(found)).flat();
}

/** Reads one page of each partition: some thousands of items. With so many, the exact number helps no operator. */
async function waitingSince({ clients, name, topology }: Shop, table: string, passing: PassingStatus, before: string) {
  const { partition, sort } = topology.tables[table]?.indexes?.[passing.index] ?? {};
  if (partition === undefined || sort === undefined) return [];
  const pages = passing.partitions.map((value) =>
    clients.documents.send(
      new QueryCommand({
        TableName: physicalName(name, table),
        IndexName: passing.index,
        KeyConditionExpression: "#partition = :partition AND #sort < :before",
        ExpressionAttributeNames: { "#partition": partition.name, "#sort": sort.name },
        ExpressionAttributeValues: { ":partition": value, ":before": before },
      }),
    ),
  );
  const items = (await Promise.all(pages)).flatMap(({ Items = [] }) => Items);
  return items.map((item) => ({ id: String(item.id), since: String(item[sort.name]).slice(0, before.length) }));
}
