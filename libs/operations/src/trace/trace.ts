import { GetCommand } from "@aws-sdk/lib-dynamodb";
import { inboxKey, inboxRecord } from "@doubleshot/messaging/operations";
import { batchGet, physicalName, type TracedAggregate } from "@doubleshot/topology";
import { headOf, type OutboxHead } from "../audit/outbox-heads.ts";
import { ReadUnits } from "../audit/read-units.ts";
import { type Undelivered, undeliveredAmong } from "../audit/undelivered.ts";
import { partition } from "../parked/parked-rows.ts";
import type { OutboxResources, Shop } from "../shop.ts";

export interface TraceEntry {
  /** RFC 3339. */
  readonly at: string;
  /** Since the first entry. */
  readonly offsetMs: number;
  /** A service, or a subscriber's queue. */
  readonly where: string;
  readonly what: "commit" | "event" | "queued" | "handled" | "state";
  readonly detail: string;
  readonly row: TracedRow;
  /** Id of the event, where the entry is about one. */
  readonly event?: string;
  /** Receives up to this handling; more than one is a retry or a delivery that was lost. */
  readonly receives?: number;
}

/** The stored row that an entry was read from. */
export interface TracedRow {
  /** Physical name. */
  readonly table: string;
  /** Partition key, then sort key. */
  readonly key: readonly (string | number)[];
}

export interface Trace {
  /** Id of the aggregates that were followed. */
  readonly id: string;
  /** Status by the kind of the aggregate; undefined where there is no item. */
  readonly status: Readonly<Record<string, string | undefined>>;
  /** In the order of time. */
  readonly entries: readonly TraceEntry[];
  /** Events of the aggregates that their subscribers have not handled. */
  readonly undelivered: readonly Undelivered[];
}

type Entry = Omit<TraceEntry, "offsetMs">;
type Row = Record<string, unknown>;

/** The aggregates that a trace follows, with their services. The topology of another system may name none. */
export function tracedAggregates({ topology: { services = {} } }: Pick<Shop, "topology">): Followed[] {
  return Object.entries(services).flatMap(([service, { traced }]) => (traced ? [{ ...traced, service }] : []));
}

interface Followed extends TracedAggregate {
  readonly service: string;
}

/**
 * Follows the aggregates with one id through all services: their states, each commit with events, each event and each
 * delivery. A delivery leaves one inbox row, with the number of its receives.
 *
 * Returns undefined when nothing has the id. Outbox rows are kept for a week, inbox rows for a month.
 */
export async function trace(shop: Shop, id: string): Promise<Trace | undefined> {
  const followed = tracedAggregates(shop);
  const items = await Promise.all(followed.map(({ table }) => itemOf(shop, table, id)));
  const entries = followed.flatMap((each, index) => {
    const row = { table: physicalName(shop.name, each.table), key: [id] };
    return stateEntries(each, items[index] ?? {}, row);
  });
  const undelivered: Undelivered[] = [];
  for (const outbox of shop.outboxes) {
    for (const { kind } of followed) {
      const rows = await partition(shop.clients.documents, outbox.table, `${kind}#${id}`);
      const heads = rows.map(headOf);
      entries.push(...heads.flatMap((head) => commitEntries(outbox, head)));
      entries.push(...(await deliveryEntries(shop, outbox, heads)));
      undelivered.push(...(await undeliveredAmong(shop, outbox, heads, new ReadUnits())));
    }
  }
  if (entries.length === 0) return undefined;
  const statuses = followed.map(({ kind }, index) => [kind, items[index] && String(items[index].status)] as const);
  return { id, status: Object.fromEntries(statuses), entries: inTime(entries), undelivered };
}

async function itemOf({ clients, name }: Shop, table: string, id: string): Promise<Row | undefined> {
  const TableName = physicalName(name, table);
  return (await clients.documents.send(new GetCommand({ TableName, Key: { id }, ConsistentRead: true }))).Item;
}

function stateEntries({ service, times }: Followed, item: Row, row: TracedRow): Entry[] {
  return Object.entries(times).flatMap(([path, status]): Entry[] => {
    const at = path.split(".").reduce<unknown>((value, name) => Object(value)[name], item);
    return typeof at === "string" ? [{ at, where: service, what: "state", detail: status, row }] : [];
  });
}

function commitEntries(outbox: OutboxResources, { aggregate, version, committedAt: at, events }: OutboxHead): Entry[] {
  const where = outbox.name.replace(/-outbox$/, "");
  const row = { table: outbox.table, key: [aggregate, version] };
  return [
    { at, where, what: "commit", detail: `${aggregate} version ${version}`, row },
    ...events.map(({ id, type }): Entry => ({ at, where, what: "event", detail: `${type} ${id}`, row, event: id })),
  ];
}

async function deliveryEntries(
  { clients: { documents } }: Shop,
  { subscribers, source }: OutboxResources,
  heads: readonly OutboxHead[],
): Promise<Entry[]> {
  const entries: Entry[] = [];
  for (const subscriber of subscribers) {
    const events = new Map(
      heads.flatMap((head) => head.events).map(({ id }) => [inboxKey(subscriber.name, id), id] as const),
    );
    const keys = [...events.keys()].map((message) => ({ message }));
    const rows = await batchGet({ documents, table: subscriber.inbox, keys, consistent: true });
    for (const item of rows) {
      const record = inboxRecord(item, source);
      if (record === undefined) continue;
      const { type, publishedAt, handledAt, attempts, ignored } = record;
      const message = String(item.message);
      const row = { table: subscriber.inbox, key: [message] };
      const event = events.get(message);
      const about = { row, ...(event !== undefined && { event }) };
      const times = attempts === 1 ? "" : `, received ${attempts} times`;
      const reason = ignored === undefined ? "" : `, ignored: ${ignored}`;
      entries.push(
        { at: String(publishedAt), where: subscriber.queue, what: "queued", detail: String(type), ...about },
        {
          at: String(handledAt),
          where: subscriber.name,
          what: "handled",
          detail: `${type}${times}${reason}`,
          ...about,
          receives: Number(attempts),
        },
      );
    }
  }
  return entries;
}

/** The order of entries within a millisecond: causes come before effects. */
const causes = ["commit", "event", "queued", "handled", "state"];

function inTime(entries: readonly Entry[]): TraceEntry[] {
  const sorted = entries.toSorted(
    (a, b) => a.at.localeCompare(b.at) || causes.indexOf(a.what) - causes.indexOf(b.what),
  );
  const start = Date.parse(sorted[0]?.at ?? "");
  return sorted.map((entry) => ({ ...entry, offsetMs: Date.parse(entry.at) - start }));
}
