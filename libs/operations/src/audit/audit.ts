import type { Shop } from "../shop.ts";
import { type OutboxHead, outboxHeads } from "./outbox-heads.ts";
import { ReadUnits, type TableSize, tableSize } from "./read-units.ts";
import { type Undelivered, undeliveredAmong } from "./undelivered.ts";

export interface AuditOptions {
  /** Rows committed at or after this time are left out: they may still be on their way. Milliseconds since the epoch. */
  readonly committedBefore: number;
  readonly signal?: AbortSignal;
  /** Called after each page. */
  readonly onProgress?: (progress: { readonly outbox: string; readonly rows: number }) => void;
}

export interface AuditReport {
  readonly outboxes: readonly { readonly outbox: string; readonly rows: number; readonly events: number }[];
  /** Oldest first; events of the same instant by version. */
  readonly undelivered: readonly Undelivered[];
  readonly readUnits: number;
}

export interface AuditCost {
  readonly outbox: string;
  readonly size: TableSize;
}

/** The cost of an audit: each outbox is read once, and an inbox costs half a read unit for each event. */
export async function auditCost({ clients, outboxes }: Shop): Promise<AuditCost[]> {
  return Promise.all(
    outboxes.map(async ({ table }) => ({ outbox: table, size: await tableSize(clients.dynamodb, table) })),
  );
}

/**
 * Finds the events without an inbox row, for every subscription that handles their type. Rows are never marked as sent, so a
 * lost event shows only as an old event without an inbox row.
 */
export async function audit(shop: Shop, options: AuditOptions): Promise<AuditReport> {
  const { committedBefore, signal, onProgress } = options;
  const readUnits = new ReadUnits();
  const undelivered: Undelivered[] = [];
  const outboxes: AuditReport["outboxes"][number][] = [];
  for (const outbox of shop.outboxes) {
    const counted = { outbox: outbox.table, rows: 0, events: 0 };
    const scan = { documents: shop.clients.documents, table: outbox.table, readUnits, signal };
    for await (const page of outboxHeads(scan)) {
      const old = page.filter((head) => isOlder(head, committedBefore));
      undelivered.push(...(await undeliveredAmong(shop, outbox, old, readUnits)));
      counted.rows += old.length;
      for (const { events } of old) counted.events += events.length;
      onProgress?.(counted);
      signal?.throwIfAborted();
    }
    outboxes.push(counted);
  }
  undelivered.sort((a, b) => a.committedAt.localeCompare(b.committedAt) || a.version - b.version);
  return { outboxes, undelivered, readUnits: readUnits.total };
}

/** A row without a readable time counts as old. */
function isOlder({ committedAt }: OutboxHead, than: number): boolean {
  return !(Date.parse(committedAt) >= than);
}
