import { type DynamoDBDocumentClient, GetCommand, paginateScan, type ScanCommandOutput } from "@aws-sdk/lib-dynamodb";
import type { ReadUnits } from "./read-units.ts";

/** An outbox row without its messages: ids and types of its events. */
export interface OutboxHead {
  readonly aggregate: string;
  readonly version: number;
  /** RFC 3339. */
  readonly committedAt: string;
  readonly events: readonly EventHead[];
}

interface EventHead {
  readonly id: string;
  readonly type: string;
}

/**
 * A projection names list elements one by one, so it names the first few. A row with so many may have more, and is read
 * again in full. Messages are most of a row: leaving them out saves network, though not read units.
 */
const projectedEvents = 10;

const projection = {
  ProjectionExpression: [
    "#aggregate, #version, #committedAt",
    ...Array.from({ length: projectedEvents }, (_, index) => `#events[${index}].#id, #events[${index}].#type`),
  ].join(", "),
  ExpressionAttributeNames: {
    "#aggregate": "aggregate",
    "#version": "version",
    "#committedAt": "committedAt",
    "#events": "events",
    "#id": "id",
    "#type": "type",
  },
};

export interface HeadScan {
  readonly documents: DynamoDBDocumentClient;
  readonly table: string;
  readonly readUnits: ReadUnits;
  readonly signal?: AbortSignal | undefined;
  /** Reads only about so many rows. */
  readonly sample?: number | undefined;
  /** Parts of the table, by the hash of its keys, from which the sample is taken evenly. Default 1. */
  readonly segments?: number | undefined;
}

/** The outbox's rows, page by page, in no particular order. */
export async function* outboxHeads(scan: HeadScan): AsyncGenerator<OutboxHead[]> {
  const { segments = 1 } = scan;
  for (let segment = 0; segment < segments; segment++) {
    let left = scan.sample === undefined ? Number.POSITIVE_INFINITY : Math.ceil(scan.sample / segments);
    for await (const page of pagesOf(scan, segment, segments)) {
      scan.readUnits.add(page.ConsumedCapacity);
      const heads = await Promise.all((page.Items ?? []).map((item) => wholeHead(scan, item)));
      yield heads;
      left -= heads.length;
      if (left <= 0) break;
    }
  }
}

function pagesOf({ documents, table, sample, signal }: HeadScan, segment: number, segments: number) {
  return paginateScan(
    { client: documents, ...(sample === undefined ? {} : { pageSize: Math.ceil(sample / segments) }) },
    {
      TableName: table,
      ...projection,
      ...(segments === 1 ? {} : { Segment: segment, TotalSegments: segments }),
      ReturnConsumedCapacity: "TOTAL",
    },
    { abortSignal: signal },
  ) as AsyncIterable<ScanCommandOutput>;
}

async function wholeHead(scan: HeadScan, item: Record<string, unknown>): Promise<OutboxHead> {
  const head = headOf(item);
  if (head.events.length < projectedEvents) return head;
  const { Item, ConsumedCapacity } = await scan.documents.send(
    new GetCommand({
      TableName: scan.table,
      Key: { aggregate: head.aggregate, version: head.version },
      ReturnConsumedCapacity: "TOTAL",
    }),
  );
  scan.readUnits.add(ConsumedCapacity);
  return Item === undefined ? head : headOf(Item);
}

/** A row that was edited by hand may hold anything; only its well-formed events count. */
export function headOf({ aggregate, version, committedAt, events }: Record<string, unknown>): OutboxHead {
  return {
    aggregate: String(aggregate),
    version: Number(version),
    committedAt: typeof committedAt === "string" ? committedAt : "",
    events: Array.isArray(events) ? events.filter(isEventHead) : [],
  };
}

function isEventHead(event: unknown): event is EventHead {
  const { id, type } = (event ?? {}) as Record<string, unknown>;
  return typeof id === "string" && typeof type === "string";
}
