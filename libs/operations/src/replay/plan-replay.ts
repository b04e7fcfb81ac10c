import { paginateQuery, paginateScan } from "@aws-sdk/lib-dynamodb";
import { parkedMarkerVersion } from "@doubleshot/messaging/operations";
import { ReadUnits, type TableSize, tableSize } from "../audit/read-units.ts";
import { partition } from "../parked/parked-rows.ts";
import type { OutboxResources, Shop } from "../shop.ts";

export interface ReplayRange {
  /** Rows committed from this instant (milliseconds since the epoch) on. */
  readonly from: number;
  /** And before this one. */
  readonly to: number;
  /** Only this aggregate: a query of its partition instead of a scan. */
  readonly aggregate?: string | undefined;
  /** Short name of the only queue to send to. Default: all subscribers, through the topic. */
  readonly queue?: string | undefined;
}

export interface ReplayPlan {
  readonly outboxes: readonly {
    readonly outbox: string;
    readonly rows: number;
    readonly aggregates: number;
    /** Rows left out because they, or earlier ones of their aggregate, are parked. */
    readonly behindParked: number;
  }[];
  readonly rows: readonly PlannedRow[];
  /** Read units that finding the rows cost. */
  readonly readUnits: number;
}

export interface PlannedRow {
  readonly outbox: OutboxResources;
  readonly aggregate: string;
  readonly version: number;
  readonly committedAt: string;
}

/** The outboxes of a replay, and the cost of finding the rows. */
export async function replayCost(
  shop: Shop,
  range: Pick<ReplayRange, "queue">,
): Promise<{ outbox: string; size: TableSize }[]> {
  return Promise.all(
    outboxesFor(shop, range).map(async ({ table }) => ({
      outbox: table,
      size: await tableSize(shop.clients.dynamodb, table),
    })),
  );
}

export function outboxesFor({ outboxes }: Shop, { queue }: Pick<ReplayRange, "queue">): readonly OutboxResources[] {
  if (queue === undefined) return outboxes;
  return outboxes.filter(({ subscribers }) => subscribers.some((subscriber) => subscriber.queue === queue));
}

/** Finds the rows to replay, without their messages. Reads only. */
export async function planReplay(
  shop: Shop,
  range: ReplayRange,
  { signal, onProgress }: { signal?: AbortSignal; onProgress?: (rowsFound: number) => void } = {},
): Promise<ReplayPlan> {
  const readUnits = new ReadUnits();
  const rows: PlannedRow[] = [];
  const counts: ReplayPlan["outboxes"][number][] = [];
  for (const outbox of outboxesFor(shop, range)) {
    const found: PlannedRow[] = [];
    for await (const page of pagesInRange(shop, outbox, range, signal)) {
      readUnits.add(page.ConsumedCapacity);
      for (const { aggregate, version, committedAt } of page.Items ?? []) {
        found.push({
          outbox,
          aggregate: String(aggregate),
          version: Number(version),
          committedAt: String(committedAt),
        });
      }
      onProgress?.(rows.length + found.length);
    }
    const sendable = await withoutParked(shop, outbox, found);
    const aggregates = new Set(sendable.map(({ aggregate }) => aggregate)).size;
    counts.push({
      outbox: outbox.table,
      rows: sendable.length,
      aggregates,
      behindParked: found.length - sendable.length,
    });
    rows.push(...sendable);
  }
  return { outboxes: counts, rows, readUnits: readUnits.total };
}

function pagesInRange(
  shop: Shop,
  { table }: OutboxResources,
  range: ReplayRange,
  abortSignal: AbortSignal | undefined,
) {
  const { aggregate, from, to } = range;
  const client = shop.clients.documents;
  const read = {
    TableName: table,
    FilterExpression: "#committedAt >= :from AND #committedAt < :to",
    ProjectionExpression: "#aggregate, #version, #committedAt",
    ExpressionAttributeNames: { "#aggregate": "aggregate", "#version": "version", "#committedAt": "committedAt" },
    ExpressionAttributeValues: { ":from": new Date(from).toISOString(), ":to": new Date(to).toISOString() },
    ReturnConsumedCapacity: "TOTAL",
  } as const;
  if (aggregate === undefined) return paginateScan({ client }, read, { abortSignal });
  return paginateQuery(
    { client },
    {
      ...read,
      ConsistentRead: true,
      KeyConditionExpression: "#aggregate = :aggregate",
      ExpressionAttributeValues: { ...read.ExpressionAttributeValues, ":aggregate": aggregate },
    },
    { abortSignal },
  );
}

/** Leaves out rows behind a parked one, which would break the order of their aggregate. */
async function withoutParked(shop: Shop, { parkedTable }: OutboxResources, rows: readonly PlannedRow[]) {
  if (parkedTable === undefined) return [...rows];
  const client = shop.clients.documents;
  const markers = paginateScan(
    { client },
    {
      TableName: parkedTable,
      ConsistentRead: true,
      FilterExpression: "#version = :marker",
      ExpressionAttributeNames: { "#version": "version" },
      ExpressionAttributeValues: { ":marker": parkedMarkerVersion },
    },
  );
  const firstParked = new Map<string, number>();
  for await (const { Items = [] } of markers) {
    for (const { aggregate } of Items) {
      const [, first] = await partition(client, parkedTable, String(aggregate));
      firstParked.set(String(aggregate), Number(first?.version ?? 1));
    }
  }
  return rows.filter(({ aggregate, version }) => version < (firstParked.get(aggregate) ?? Number.POSITIVE_INFINITY));
}
