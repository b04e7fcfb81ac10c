import { paginateScan } from "@aws-sdk/lib-dynamodb";
import { type AwsClients, physicalName } from "@doubleshot/topology";

type Row = Readonly<Record<string, unknown>>;

/** The state of a shop's tables when all work is done. Every list names faults, and is empty in a sound shop. */
export interface AuditReport {
  readonly orders: number;
  /** Names with more or fewer orders than one. */
  readonly notOneOrder: readonly string[];
  readonly notCompleted: readonly string[];
  /** Orders without a ticket that is FINISHED. */
  readonly notFinished: readonly string[];
  readonly ticketsWithoutOrder: readonly string[];
  /** Orders that were placed or finished more or less than once, by the events in the outboxes. */
  readonly notPlacedOnce: readonly string[];
  readonly notFinishedOnce: readonly string[];
  /** Events of an outbox without the inbox row of their subscriber. */
  readonly undelivered: readonly string[];
  /** Inbox rows for which no outbox has the event. */
  readonly fromNowhere: readonly string[];
}

/** Reads all tables of the shop, and compares them with each other and with the customers' names. */
export async function audit(clients: AwsClients, shop: string, names: readonly string[]): Promise<AuditReport> {
  const rows = async (table: string) => {
    const found: Row[] = [];
    const pages = paginateScan(
      { client: clients.documents },
      { TableName: physicalName(shop, table), ConsistentRead: true },
    );
    for await (const page of pages) found.push(...(page.Items ?? []));
    return found;
  };
  const orders = await rows("orders");
  const tickets = await rows("barista");
  const placed = (await rows("orders-outbox")).flatMap(eventsOf);
  const brewed = (await rows("barista-outbox")).flatMap(eventsOf);
  const delivered = [...(await rows("orders-inbox")), ...(await rows("barista-inbox"))].map(({ message }) =>
    String(message),
  );
  const expected = [
    ...placed.map(({ id }) => `barista#${id}`), //
    ...brewed.map(({ id }) => `orders#${id}`),
  ];
  const ids = orders.map(({ id }) => String(id));
  const finished = new Set(tickets.filter(({ status }) => status === "FINISHED").map(({ id }) => id));
  const count = (events: readonly StoredEvent[], type: string, aggregate: string) =>
    events.filter((event) => event.type === type && event.aggregate === aggregate).length;
  return {
    orders: orders.length,
    notOneOrder: names.filter((name) => orders.filter((order) => order.name === name).length !== 1),
    notCompleted: orders.filter(({ status }) => status !== "COMPLETED").map(({ id, status }) => `${id} ${status}`),
    notFinished: ids.filter((id) => !finished.has(id)),
    ticketsWithoutOrder: tickets.map(({ id }) => String(id)).filter((id) => !ids.includes(id)),
    notPlacedOnce: ids.filter((id) => count(placed, "OrderPlaced", `order#${id}`) !== 1),
    notFinishedOnce: ids.filter((id) => count(brewed, "BrewFinished", `ticket#${id}`) !== 1),
    undelivered: missing(expected, delivered),
    fromNowhere: missing(delivered, expected),
  };
}

interface StoredEvent {
  readonly id: string;
  readonly type: string;
  readonly aggregate: string;
}

function eventsOf({ aggregate, events }: Row): StoredEvent[] {
  if (!Array.isArray(events)) return [];
  return events.map(({ id, type }) => ({ id: String(id), type: String(type), aggregate: String(aggregate) }));
}

function missing(wanted: readonly string[], there: readonly string[]): string[] {
  const known = new Set(there);
  return wanted.filter((each) => !known.has(each));
}
