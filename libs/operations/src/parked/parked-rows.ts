import {
  type DynamoDBDocumentClient,
  GetCommand,
  paginateQuery,
  paginateScan,
  TransactGetCommand,
} from "@aws-sdk/lib-dynamodb";
import type { ParkedRow } from "@doubleshot/messaging";
import { isParkedIndex, type ParkedMarker, parkedMarkerVersion } from "@doubleshot/messaging/operations";
import type { OutboxResources, Shop } from "../shop.ts";

/** An event as the outbox holds it: `json` is the finished message. */
export type StoredEvent = ParkedRow["events"][number];

/** An aggregate with parked events. */
export interface ParkedAggregate {
  readonly outbox: OutboxResources & { readonly parkedTable: string };
  readonly aggregate: string;
  /** Undefined for rows that an interrupted release has left: their events have been published. */
  readonly marker: Pick<ParkedMarker, "upTo" | "changes" | "since"> | undefined;
  /** In the order of their versions. */
  readonly rows: readonly ParkedRow[];
}

/** Returns every parked aggregate of the shop. Parking is rare, so these tables are small enough to scan. */
export async function parkedAggregates({ clients: { documents }, outboxes }: Shop): Promise<ParkedAggregate[]> {
  const found: ParkedAggregate[] = [];
  for (const outbox of outboxes) {
    if (!hasParking(outbox)) continue;
    const items: Record<string, unknown>[] = [];
    const pages = paginateScan({ client: documents }, { TableName: outbox.parkedTable, ConsistentRead: true });
    for await (const { Items = [] } of pages) items.push(...Items.filter((item) => !isParkedIndex(item)));
    const byAggregate = Map.groupBy(items, ({ aggregate }) => String(aggregate));
    for (const [aggregate, rows] of byAggregate) found.push(assemble(outbox, aggregate, rows));
  }
  return found.sort((a, b) => (a.marker?.since ?? "").localeCompare(b.marker?.since ?? ""));
}

/** Reads one aggregate consistently; undefined if nothing of it is parked. */
export async function parkedAggregate(shop: Shop, aggregate: string): Promise<ParkedAggregate | undefined> {
  for (const outbox of shop.outboxes) {
    if (!hasParking(outbox)) continue;
    const items = await partition(shop.clients.documents, outbox.parkedTable, aggregate);
    if (items.length > 0) return assemble(outbox, aggregate, items);
  }
  return undefined;
}

export async function partition(client: DynamoDBDocumentClient, table: string, aggregate: string) {
  const items: Record<string, unknown>[] = [];
  const pages = paginateQuery(
    { client },
    {
      TableName: table,
      ConsistentRead: true,
      KeyConditionExpression: "#aggregate = :aggregate",
      ExpressionAttributeNames: { "#aggregate": "aggregate" },
      ExpressionAttributeValues: { ":aggregate": aggregate },
    },
  );
  for await (const { Items = [] } of pages) items.push(...Items);
  return items;
}

/**
 * Returns the events to publish. A row that the relay could not read is read from the outbox again, because it may have
 * been repaired there. Undefined when it is still unreadable.
 */
export async function eventsOf(
  client: DynamoDBDocumentClient,
  { outbox, aggregate }: ParkedAggregate,
  row: ParkedRow,
): Promise<readonly StoredEvent[] | undefined> {
  if (row.row === undefined) return row.events;
  const Key = { aggregate, version: row.version };
  const { Item } = await client.send(new GetCommand({ TableName: outbox.table, Key, ConsistentRead: true }));
  const events: unknown = Item?.events;
  return Array.isArray(events) && events.every(isStoredEvent) ? events : undefined;
}

/**
 * Returns whether an operator dropped the row that the marker names. One transaction reads both, because a plain read could
 * see the marker of a row that is just being written, and not yet the row.
 */
export async function isDropped(
  client: DynamoDBDocumentClient,
  { outbox, aggregate }: Pick<ParkedAggregate, "outbox" | "aggregate">,
  upTo: number,
): Promise<boolean> {
  const get = (version: number) => ({ Get: { TableName: outbox.parkedTable, Key: { aggregate, version } } });
  const { Responses = [] } = await client.send(
    new TransactGetCommand({ TransactItems: [get(parkedMarkerVersion), get(upTo)] }),
  );
  return Responses[0]?.Item?.upTo === upTo && Responses[1]?.Item === undefined;
}

export function isStoredEvent(event: unknown): event is StoredEvent {
  const { id, type, json } = (event ?? {}) as Record<string, unknown>;
  return [id, type, json].every((value) => typeof value === "string");
}

function hasParking(outbox: OutboxResources): outbox is ParkedAggregate["outbox"] {
  return outbox.parkedTable !== undefined;
}

function assemble(
  outbox: ParkedAggregate["outbox"],
  aggregate: string,
  items: readonly Record<string, unknown>[],
): ParkedAggregate {
  const marker = items.find(({ version }) => version === parkedMarkerVersion);
  // The relay alone writes rows; its tests hold their shape.
  const rows = items.filter(({ version }) => version !== parkedMarkerVersion) as unknown[] as ParkedRow[];
  return {
    outbox,
    aggregate,
    marker: marker && {
      upTo: Number(marker.upTo),
      ...(marker.changes !== undefined && { changes: Number(marker.changes) }),
      since: String(marker.since),
    },
    rows: rows.toSorted((a, b) => a.version - b.version),
  };
}
