import { blockedKey, inboxKey, inboxRecord } from "@doubleshot/messaging/operations";
import { batchGet } from "@doubleshot/topology";
import type { OutboxResources, Shop, SubscriberResources } from "../shop.ts";
import type { OutboxHead } from "./outbox-heads.ts";
import type { ReadUnits } from "./read-units.ts";

/** An event that a subscriber of its type has not handled. */
export interface Undelivered {
  readonly outbox: string;
  readonly aggregate: string;
  readonly version: number;
  readonly id: string;
  readonly type: string;
  readonly committedAt: string;
  readonly subscriber: string;
  /**
   * - parked   before the topic
   * - dead     in the dead-letter queue, or about to follow its aggregate there
   * - neither  still on its way, or lost
   */
  readonly held: "parked" | "dead" | "neither";
}

type Candidate = Omit<Undelivered, "held"> & { readonly resources: SubscriberResources; readonly key: string };

/**
 * Returns the events of these rows without an inbox row at a subscriber of their type. A cheap read (half a read unit each)
 * comes first; a consistent read follows for the events that it does not find.
 */
export async function undeliveredAmong(
  { clients: { documents } }: Pick<Shop, "clients">,
  outbox: OutboxResources,
  heads: readonly OutboxHead[],
  readUnits: ReadUnits,
): Promise<Undelivered[]> {
  const missing: Candidate[] = [];
  for (const resources of outbox.subscribers) {
    const candidates = heads.flatMap((head) => candidatesOf(head, outbox, resources));
    let left = candidates;
    for (const consistent of [false, true]) {
      const keys = left.map(({ key }) => ({ message: key }));
      const rows = await batchGet({ documents, table: resources.inbox, keys, consistent, onConsumed: readUnits.add });
      // The row may be that of an event with the same id from another source.
      const handled = rows.filter((row) => inboxRecord(row, outbox.source) !== undefined);
      const found = new Set(handled.map(({ message }) => message));
      left = left.filter(({ key }) => !found.has(key));
    }
    missing.push(...left);
  }
  return whereHeld({ documents }, outbox, missing, readUnits);
}

function candidatesOf(head: OutboxHead, outbox: OutboxResources, resources: SubscriberResources): Candidate[] {
  const { aggregate, version, committedAt, events } = head;
  return events
    .filter(({ type }) => resources.handles.includes(type))
    .map(({ id, type }) => ({
      outbox: outbox.name,
      aggregate,
      version,
      id,
      type,
      committedAt,
      subscriber: resources.name,
      resources,
      key: inboxKey(resources.name, id),
    }));
}

async function whereHeld(
  { documents }: Pick<Shop["clients"], "documents">,
  { parkedTable }: OutboxResources,
  missing: readonly Candidate[],
  readUnits: ReadUnits,
): Promise<Undelivered[]> {
  if (missing.length === 0) return [];
  const rows = new Map(
    missing.map(({ aggregate, version }) => [`${aggregate} ${version}`, { aggregate, version }] as const),
  );
  const parkedRows =
    parkedTable === undefined
      ? []
      : await batchGet({
          documents,
          table: parkedTable,
          keys: [...rows.values()],
          attributes: ["aggregate", "version"],
          onConsumed: readUnits.add,
        });
  const parked = new Set(parkedRows.map(({ aggregate, version }) => `${aggregate} ${version}`));
  const blocked = await blockedAmong(documents, missing, readUnits);
  return missing.map(({ resources, key: _, ...event }): Undelivered => {
    if (parked.has(`${event.aggregate} ${event.version}`)) return { ...event, held: "parked" };
    return { ...event, held: blocked.has(blockedKey(resources.name, event.aggregate)) ? "dead" : "neither" };
  });
}

/** Markers of the blocked aggregates: all their messages follow into the dead-letter queue. */
async function blockedAmong(
  documents: Shop["clients"]["documents"],
  missing: readonly Candidate[],
  readUnits: ReadUnits,
): Promise<Set<string>> {
  const blocked = new Set<string>();
  const byInbox = Map.groupBy(missing, ({ resources }) => resources.inbox);
  for (const [table, candidates] of byInbox) {
    const wanted = new Set(candidates.map(({ resources, aggregate }) => blockedKey(resources.name, aggregate)));
    const keys = [...wanted].map((message) => ({ message }));
    const markers = await batchGet({
      documents,
      table,
      keys,
      consistent: true,
      attributes: ["message"],
      onConsumed: readUnits.add,
    });
    for (const { message } of markers) blocked.add(String(message));
  }
  return blocked;
}
