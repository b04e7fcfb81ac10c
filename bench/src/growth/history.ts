import { join } from "node:path";
import { GetCommand, paginateQuery, ScanCommand, TransactWriteCommand } from "@aws-sdk/lib-dynamodb";
import { type LocalAws, startLocalAws } from "@doubleshot/local-aws";
import { uuidv7 } from "@doubleshot/messaging";
import { coffeeShop } from "@doubleshot/shop";
import { physicalName } from "@doubleshot/topology";

type Row = Readonly<Record<string, unknown>>;

/** The rows that one served order has left in all tables. */
interface Template {
  readonly rows: readonly { readonly table: string; readonly row: Row }[];
  /** Ids of the order and its events. Every copy gets new ones. */
  readonly ids: readonly string[];
  /** Rows of it that are streamed. */
  readonly streamed: number;
}

/** The limit of writes in a transaction: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html */
const putsPerCall = 100;
const callsAtOnce = 4;
const ordersPerStep = 500;

const physical = (table: string) => physicalName("doubleshot", table);

/**
 * Adds `count` orders to the history of a closed shop. Each is a copy, under ids of its own, of every row of an order that
 * this shop has served. The tables' streams get a record for each row. The event source host passes the records to
 * functions that publish nothing, because the events of a served order have been published.
 */
export async function addHistory(
  folder: string,
  count: number,
  { signal, onProgress }: { signal: AbortSignal; onProgress: (made: number) => void },
): Promise<void> {
  if (count <= 0) return;
  let consumed = 0;
  const handler = async ({ Records }: { Records: readonly unknown[] }) => {
    consumed += Records.length;
    return { batchItemFailures: [] };
  };
  const functions = Object.fromEntries(
    Object.keys(coffeeShop.topology.mappings).map((mapping) => [mapping, { handler }]),
  );
  await using aws = await startLocalAws({ topology: coffeeShop.topology, data: join(folder, "aws"), functions });
  const template = await templateOf(aws);
  consumed = 0;
  for (let made = 0; made < count; ) {
    const step = Math.min(ordersPerStep, count - made);
    await putAll(aws, Array.from({ length: step }, () => copyOf(template)).flat(), signal);
    made += step;
    // Without this wait, the next measurement would include the host's backlog.
    while (consumed < made * template.streamed) await tick(signal);
    onProgress(made);
  }
}

const tick = (signal: AbortSignal) =>
  new Promise<void>((resolve) => {
    signal.throwIfAborted();
    setTimeout(resolve, 5);
  });

async function templateOf({ clients: { documents } }: LocalAws): Promise<Template> {
  const get = async (table: string, Key: Row) => {
    const { Item } = await documents.send(new GetCommand({ TableName: physical(table), Key }));
    if (Item === undefined) throw new Error(`The first order has left no row in ${table}.`);
    return { table, row: Item };
  };
  const { Items: [served] = [] } = await documents.send(new ScanCommand({ TableName: physical("orders"), Limit: 1 }));
  const id = String(served?.id);
  const rows: { table: string; row: Row }[] = [await get("orders", { id }), await get("barista", { id })];
  const ids = [id];
  let streamed = 0;
  for (const { outbox, aggregate, inbox } of [
    { outbox: "orders-outbox", aggregate: `order#${id}`, inbox: "barista" },
    { outbox: "barista-outbox", aggregate: `ticket#${id}`, inbox: "orders" },
  ]) {
    const query = {
      TableName: physical(outbox),
      KeyConditionExpression: "#aggregate = :aggregate",
      ExpressionAttributeNames: { "#aggregate": "aggregate" },
      ExpressionAttributeValues: { ":aggregate": aggregate },
    };
    for await (const { Items = [] } of paginateQuery({ client: documents }, query)) {
      for (const row of Items) {
        rows.push({ table: outbox, row });
        streamed += 1;
        for (const event of row.events as { id: string }[]) {
          ids.push(event.id);
          rows.push(await get(`${inbox}-inbox`, { message: `${inbox}#${event.id}` }));
        }
      }
    }
  }
  return { rows, ids, streamed };
}

function copyOf({ rows, ids }: Template): Template["rows"] {
  const newIds = new Map(ids.map((id) => [id, uuidv7()]));
  const pattern = new RegExp(ids.join("|"), "g");
  return rows.map(({ table, row }) => ({
    table,
    row: JSON.parse(JSON.stringify(row).replace(pattern, (id) => newIds.get(id) ?? id)),
  }));
}

/** Writes in transactions, because dynoxide flushes the disk at each commit. */
async function putAll({ clients }: LocalAws, rows: Template["rows"], signal: AbortSignal): Promise<void> {
  const transactions = Array.from({ length: Math.ceil(rows.length / putsPerCall) }, (_, index) =>
    rows.slice(index * putsPerCall, (index + 1) * putsPerCall),
  ).values();
  const hand = async () => {
    for (const puts of transactions) {
      signal.throwIfAborted();
      const TransactItems = puts.map(({ table, row }) => ({ Put: { TableName: physical(table), Item: row } }));
      await clients.documents.send(new TransactWriteCommand({ TransactItems }));
    }
  };
  await Promise.all(Array.from({ length: callsAtOnce }, hand));
}
