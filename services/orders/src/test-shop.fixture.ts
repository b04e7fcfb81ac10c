import { GetQueueAttributesCommand, SendMessageCommand } from "@aws-sdk/client-sqs";
import { type DynamoDBDocumentClient, GetCommand, paginateScan } from "@aws-sdk/lib-dynamodb";
import { BrewFinished, type BrewResult, BrewStarted, CancelRefused, TicketVoided } from "@doubleshot/contracts";
import { type LocalAws, startLocalAws } from "@doubleshot/local-aws";
import { createOutbox, type Outbox, type PendingEvent } from "@doubleshot/messaging";
import { createLogger, readConfig } from "@doubleshot/service-kit";
import { type AwsClients, doubleshot, physicalName, provision, queueUrl } from "@doubleshot/topology";
import { ordersConfig } from "./config.ts";
import type { OrdersSetting } from "./orders.module.ts";

export type TestAws = LocalAws;

/** Without functions: what the services publish stays in their outboxes, and each test plays the bar itself. */
export const openTestAws = (): Promise<TestAws> => startLocalAws({ data: "memory" });

let shops = 0;

/** What the service and the bar as it knows it need; without functions, a topic has nothing to tell. */
const { tables, queues } = doubleshot;
const needed = <Spec>(specs: Readonly<Record<string, Spec>>, names: RegExp) =>
  Object.fromEntries(Object.entries(specs).filter(([name]) => names.test(name)));
const ordersPart = {
  tables: needed(tables, /^orders|^barista-(outbox|inbox)/),
  queues: needed(queues, /^orders/),
  topics: {},
  subscriptions: [],
  mappings: {},
};

/** A shop of its own on the endpoint, so that tests do not meet each other's rows. */
export async function openTestShop({ clients }: TestAws): Promise<TestShop> {
  shops += 1;
  const shop = `shop${shops}`;
  await provision({ topology: ordersPart, shop, clients });
  return new TestShop(shop, clients);
}

export class TestShop {
  readonly shop: string;
  readonly clients: AwsClients;
  readonly bar: TestBar;

  constructor(shop: string, clients: AwsClients) {
    this.shop = shop;
    this.clients = clients;
    this.bar = new TestBar(shop, clients);
  }

  table(name: keyof (typeof doubleshot)["tables"]): string {
    return physicalName(this.shop, name);
  }

  /** The setting of an orders process in this shop. Other clients than the shop's make its AWS fail alone. */
  setting(env: NodeJS.ProcessEnv = {}, clients: AwsClients = this.clients): OrdersSetting {
    const config = readConfig(ordersConfig, { SHOP: this.shop, PORT: "0", ...env });
    return { config, clients, log: createLogger("orders", "silent") };
  }

  /** All rows of a table, in the order of their keys. */
  async rows(name: keyof (typeof doubleshot)["tables"]): Promise<Record<string, unknown>[]> {
    const rows: Record<string, unknown>[] = [];
    const client = this.clients.documents;
    for await (const { Items = [] } of paginateScan(
      { client },
      { TableName: this.table(name), ConsistentRead: true },
    )) {
      rows.push(...Items);
    }
    return rows.sort((a, b) => JSON.stringify(a).localeCompare(JSON.stringify(b)));
  }

  /** True when the orders service has settled all its messages. */
  async queueIsEmpty(): Promise<boolean> {
    const QueueUrl = await queueUrl(this.clients, this.shop, "orders-subscriber.fifo");
    const counts = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"] as const;
    const { Attributes = {} } = await this.clients.sqs.send(
      new GetQueueAttributesCommand({ QueueUrl, AttributeNames: [...counts] }),
    );
    return counts.every((count) => Attributes[count] === "0");
  }

  async orderIds(): Promise<string[]> {
    return (await this.rows("orders")).map(({ id }) => String(id));
  }
}

/** The bar as orders knows it: by its events, finished as they are on the wire. */
export class TestBar {
  readonly #shop: string;
  readonly #clients: AwsClients;
  readonly #outbox: Outbox;
  readonly #versions = new Map<string, number>();

  constructor(shop: string, clients: AwsClients) {
    this.#shop = shop;
    this.#clients = clients;
    const tables = { outbox: physicalName(shop, "barista-outbox"), inbox: physicalName(shop, "barista-inbox") };
    this.#outbox = createOutbox({ client: clients.documents, source: "/doubleshot/barista", tables });
  }

  async starts(orderId: string): Promise<string> {
    return this.#tell(orderId, BrewStarted({ orderId, startedAt: new Date().toISOString() }));
  }

  async finishes(orderId: string, result?: BrewResult): Promise<string> {
    const handedOver = result === undefined ? {} : { result };
    return this.#tell(orderId, BrewFinished({ orderId, finishedAt: new Date().toISOString(), ...handedOver }));
  }

  async voids(orderId: string): Promise<string> {
    return this.#tell(orderId, TicketVoided({ orderId, voidedAt: new Date().toISOString() }));
  }

  async refusesToCancel(orderId: string): Promise<string> {
    return this.#tell(orderId, CancelRefused({ orderId, refusedAt: new Date().toISOString() }));
  }

  /** Puts a message on the queue of the orders service; again, as if the queue had delivered it twice. */
  async deliver(orderId: string, message: string): Promise<void> {
    await this.#clients.sqs.send(
      new SendMessageCommand({
        QueueUrl: await queueUrl(this.#clients, this.#shop, "orders-subscriber.fifo"),
        MessageBody: message,
        MessageGroupId: `ticket#${orderId}`,
        MessageDeduplicationId: crypto.randomUUID(),
      }),
    );
  }

  /** The message of an event, as it is on the wire, without delivering it. */
  async message(orderId: string, event: PendingEvent): Promise<string> {
    const version = (this.#versions.get(orderId) ?? 0) + 1;
    this.#versions.set(orderId, version);
    const aggregate = `ticket#${orderId}`;
    await this.#outbox.commit({ aggregate, version, events: [event] });
    return wireMessage(this.#clients.documents, physicalName(this.#shop, "barista-outbox"), { aggregate, version });
  }

  async #tell(orderId: string, event: PendingEvent): Promise<string> {
    const message = await this.message(orderId, event);
    await this.deliver(orderId, message);
    return message;
  }
}

async function wireMessage(client: DynamoDBDocumentClient, TableName: string, Key: Record<string, unknown>) {
  const { Item } = await client.send(new GetCommand({ TableName, Key }));
  const [event]: { json: string }[] = Item?.events ?? [];
  return event?.json ?? "";
}

/** Ids and times that differ from run to run, made the same. */
export function normalised<T>(rows: T): T {
  const ids = new Map<string, string>();
  const text = JSON.stringify(rows)
    .replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, (id) => {
      if (!ids.has(id)) ids.set(id, `<id ${ids.size + 1}>`);
      return ids.get(id) ?? "";
    })
    .replace(/\b[0-9a-f]{32}\b/g, "<instance>")
    .replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/g, "<time>")
    .replace(/"day":"\d{4}-\d\d-\d\d#\d"/g, '"day":"<day and shard>"')
    .replace(/"expiresAt":\d{10}\b/g, '"expiresAt":"<epoch seconds>"');
  return JSON.parse(text);
}

/** Waits for what must come true, however the machine is loaded. */
export async function until<T>(look: () => Promise<T | undefined | false>, seconds = 10): Promise<T> {
  const deadline = performance.now() + seconds * 1_000;
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    if (performance.now() > deadline) throw new Error(`It did not come true within ${seconds} s: ${look.toString()}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
