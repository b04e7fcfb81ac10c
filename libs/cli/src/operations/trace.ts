import { GetCommand } from "@aws-sdk/lib-dynamodb";
import { inboxKey, inboxRecord } from "@doubleshot/messaging/operations";
import { batchGet, physicalName } from "@doubleshot/topology";
import type { OutboxPlace, Shop } from "../shop.ts";
import { headOf, type OutboxHead } from "./outbox-heads.ts";
import { partition } from "./parked-rows.ts";
import { ReadUnits } from "./read-units.ts";
import { type Undelivered, undeliveredAmong } from "./undelivered.ts";

export interface TraceEntry {
  /** RFC 3339. */
  readonly at: string;
  /** Milliseconds since the first entry. */
  readonly offset: number;
  /** Who did it: a service, or a subscriber's queue. */
  readonly where: string;
  readonly what: "commit" | "event" | "queued" | "handled" | "state";
  readonly detail: string;
}

export interface Trace {
  readonly orderId: string;
  readonly status: { readonly order: string | undefined; readonly ticket: string | undefined };
  /** In the order of time. */
  readonly entries: readonly TraceEntry[];
  /** Events of the order that their subscribers have not handled. */
  readonly undelivered: readonly Undelivered[];
}

type Entry = Omit<TraceEntry, "offset">;
type Row = Record<string, unknown>;

/**
 * Both services name their aggregate after the order, and each keeps the times of its states in the item. Those that an
 * order has from the bar's news are the bar's: when it learnt of them is when it handled them.
 */
const lives = [
  {
    table: "orders",
    aggregate: (id: string) => `order#${id}`,
    states: { placedAt: "PLACED" },
  },
  {
    table: "barista",
    aggregate: (id: string) => `ticket#${id}`,
    states: { queuedAt: "QUEUED", startedAt: "STARTED", finishedAt: "FINISHED" },
  },
] as const;

/** Another system has other tables. */
export function isCoffeeShop({ topology }: Shop): boolean {
  return lives.every(({ table }) => table in topology.tables);
}

/**
 * The life of an order across the services: its states, every commit that had news, each event and each delivery. A
 * delivery leaves one inbox row however often it came, with the number of times the queue had handed it out. Undefined
 * when nothing is known of the order; its outbox rows are kept for a week, inbox rows for a month.
 */
export async function trace(shop: Shop, orderId: string): Promise<Trace | undefined> {
  const entries: Entry[] = [];
  const undelivered: Undelivered[] = [];
  const items = await Promise.all(lives.map(({ table }) => itemOf(shop, table, orderId)));
  for (const [index, { table, states }] of lives.entries()) entries.push(...stateEntries(table, items[index], states));
  for (const outbox of shop.outboxes) {
    for (const { aggregate } of lives) {
      const rows = await partition(shop.clients.documents, outbox.table, aggregate(orderId));
      const heads = rows.map(headOf);
      entries.push(...heads.flatMap((head) => commitEntries(outbox, head)));
      entries.push(...(await deliveryEntries(shop, outbox, heads)));
      undelivered.push(...(await undeliveredAmong(shop, outbox, heads, new ReadUnits())));
    }
  }
  if (entries.length === 0) return undefined;
  const [order, ticket] = items.map((item) => (item === undefined ? undefined : String(item.status)));
  return { orderId, status: { order, ticket }, entries: inTime(entries), undelivered };
}

async function itemOf({ clients, name }: Shop, table: string, id: string): Promise<Row | undefined> {
  const TableName = physicalName(name, table);
  return (await clients.documents.send(new GetCommand({ TableName, Key: { id }, ConsistentRead: true }))).Item;
}

function stateEntries(where: string, item: Row | undefined, states: Readonly<Record<string, string>>): Entry[] {
  const claim = (item?.claim ?? {}) as Row;
  return Object.entries(states).flatMap(([attribute, state]): Entry[] => {
    const at = item?.[attribute] ?? claim[attribute];
    return typeof at === "string" ? [{ at, where, what: "state", detail: state }] : [];
  });
}

function commitEntries({ name }: OutboxPlace, { aggregate, version, committedAt, events }: OutboxHead): Entry[] {
  const where = name.replace(/-outbox$/, "");
  return [
    { at: committedAt, where, what: "commit", detail: `${aggregate} version ${version}` },
    ...events.map(({ id, type }): Entry => ({ at: committedAt, where, what: "event", detail: `${type} ${id}` })),
  ];
}

async function deliveryEntries(
  { clients: { documents } }: Shop,
  { subscribers, source }: OutboxPlace,
  heads: readonly OutboxHead[],
): Promise<Entry[]> {
  const entries: Entry[] = [];
  for (const subscriber of subscribers) {
    const events = heads.flatMap((head) => head.events);
    const keys = events.map(({ id }) => ({ message: inboxKey(subscriber.name, id) }));
    const rows = await batchGet({ documents, table: subscriber.inbox, keys, consistent: true });
    const records = rows.map((row) => inboxRecord(row, source)).filter((record) => record !== undefined);
    for (const { type, publishedAt, handledAt, attempts, ignored } of records) {
      const times = attempts === 1 ? "" : `, handed out ${attempts} times`;
      const reason = ignored === undefined ? "" : `, ignored: ${ignored}`;
      entries.push(
        { at: String(publishedAt), where: subscriber.queue, what: "queued", detail: String(type) },
        { at: String(handledAt), where: subscriber.name, what: "handled", detail: `${type}${times}${reason}` },
      );
    }
  }
  return entries;
}

/** What happens within a millisecond is put in the order in which it must have happened. */
const causes = ["commit", "event", "queued", "handled", "state"];

function inTime(entries: readonly Entry[]): TraceEntry[] {
  const sorted = entries.toSorted(
    (a, b) => a.at.localeCompare(b.at) || causes.indexOf(a.what) - causes.indexOf(b.what),
  );
  const start = Date.parse(sorted[0]?.at ?? "");
  return sorted.map((entry) => ({ ...entry, offset: Date.parse(entry.at) - start }));
}
