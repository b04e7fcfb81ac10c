import { blockedKey, inboxKey, inboxRecord } from "@doubleshot/messaging/operations";
import { batchGet } from "@doubleshot/topology";
import type { OutboxPlace, Shop, SubscriberPlace } from "../../shop.ts";
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
  /** What holds it: `parked` before the topic; `dead`, or about to follow its aggregate there; else it is under way, or lost. */
  readonly held: "parked" | "dead" | "nowhere";
}

type Candidate = Omit<Undelivered, "held"> & { readonly place: SubscriberPlace; readonly key: string };

/**
 * Outbox minus inbox: which events of these rows the subscribers of their types have no record of. Asked for cheaply
 * first (half a read unit each), and what is not found then, consistently.
 */
export async function undeliveredAmong(
  { clients: { documents } }: Pick<Shop, "clients">,
  outbox: OutboxPlace,
  heads: readonly OutboxHead[],
  readUnits: ReadUnits,
): Promise<Undelivered[]> {
  const missing: Candidate[] = [];
  for (const place of outbox.subscribers) {
    const candidates = heads.flatMap((head) => candidatesOf(head, outbox, place));
    let left = candidates;
    for (const consistent of [false, true]) {
      const keys = left.map(({ key }) => ({ message: key }));
      const rows = await batchGet({ documents, table: place.inbox, keys, consistent, onConsumed: readUnits.add });
      // The row may be that of an event with the same id from another source.
      const handled = rows.filter((row) => inboxRecord(row, outbox.source) !== undefined);
      const found = new Set(handled.map(({ message }) => message));
      left = left.filter(({ key }) => !found.has(key));
    }
    missing.push(...left);
  }
  return whereHeld({ documents }, outbox, missing, readUnits);
}

function candidatesOf(head: OutboxHead, outbox: OutboxPlace, place: SubscriberPlace): Candidate[] {
  const { aggregate, version, committedAt, events } = head;
  return events
    .filter(({ type }) => place.handles.includes(type))
    .map(({ id, type }) => ({
      outbox: outbox.name,
      aggregate,
      version,
      id,
      type,
      committedAt,
      subscriber: place.name,
      place,
      key: inboxKey(place.name, id),
    }));
}

async function whereHeld(
  { documents }: Pick<Shop["clients"], "documents">,
  { parkedTable }: OutboxPlace,
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
  return missing.map(({ place, key: _, ...event }): Undelivered => {
    if (parked.has(`${event.aggregate} ${event.version}`)) return { ...event, held: "parked" };
    return { ...event, held: blocked.has(blockedKey(place.name, event.aggregate)) ? "dead" : "nowhere" };
  });
}

/** Markers of the aggregates whose messages, all that come, follow into the dead-letter queue. */
async function blockedAmong(
  documents: Shop["clients"]["documents"],
  missing: readonly Candidate[],
  readUnits: ReadUnits,
): Promise<Set<string>> {
  const blocked = new Set<string>();
  const byInbox = Map.groupBy(missing, ({ place }) => place.inbox);
  for (const [table, candidates] of byInbox) {
    const wanted = new Set(candidates.map(({ place, aggregate }) => blockedKey(place.name, aggregate)));
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
