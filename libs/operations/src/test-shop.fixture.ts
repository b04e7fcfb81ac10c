import { GetQueueAttributesCommand, SendMessageCommand } from "@aws-sdk/client-sqs";
import { GetCommand, PutCommand, paginateScan } from "@aws-sdk/lib-dynamodb";
import { type LocalAws, receivesEndingWith, startLocalAws } from "@doubleshot/local-aws";
import {
  createOutbox,
  defineEvent,
  type Message,
  on,
  type PendingEvent,
  poll,
  type Settled,
  subscriber,
} from "@doubleshot/messaging";
import { coffeeShop } from "@doubleshot/shop";
import { createAwsClients, physicalName, provision, queueUrl } from "@doubleshot/topology";
import { afterAll, beforeAll, expect } from "vitest";
import { z } from "zod";
import { type Shop, type SubscriberResources, shopOf } from "./shop.ts";

/** The type the bar subscribes to, with data that tests can tell apart. */
const Placed = defineEvent("OrderPlaced", { version: 1, schema: z.object({ text: z.string() }) });

type TestAws = Pick<LocalAws, "clients" | "endpoints">;

/** An embedded AWS for the tests of a file. It runs no relay: each test puts rows and messages where they are needed. */
export function useTestAws(): TestAws {
  let aws: LocalAws | undefined;
  beforeAll(async () => {
    aws = await startLocalAws();
  });
  afterAll(() => aws?.close());
  const started = () => aws ?? expect.fail("The embedded AWS starts before the first test: use it inside a test.");
  return {
    get clients() {
      return started().clients;
    },
    get endpoints() {
      return started().endpoints;
    },
  };
}

let shops = 0;

/** A shop of its own on the endpoint, so that tests do not meet each other's rows. */
export async function openTestShop(aws: TestAws): Promise<TestShop> {
  shops += 1;
  const name = `shop${shops}`;
  await provision({ topology: coffeeShop.topology, shop: name, clients: aws.clients });
  return new TestShop(shopOf(coffeeShop.topology, name, aws.clients));
}

export class TestShop {
  readonly shop: Shop;
  readonly bar: SubscriberResources;

  constructor(shop: Shop) {
    this.shop = shop;
    const bar = shop.subscribers.find(({ name }) => name === "barista");
    if (bar === undefined) throw new Error("no bar in the topology");
    this.bar = bar;
  }

  /** The same shop, where something happens right before DynamoDB gets the first call of a command, to lose a race on purpose. */
  before(aws: TestAws, command: string, happens: () => Promise<unknown>): Shop {
    const clients = createAwsClients({ endpoints: aws.endpoints });
    let once: typeof happens | undefined = happens;
    clients.documents.middlewareStack.add(
      (next, context) => async (args) => {
        const now = context.commandName === command ? once : undefined;
        if (now !== undefined) once = undefined;
        await now?.();
        return next(args);
      },
      { step: "initialize" },
    );
    return shopOf(this.shop.topology, this.shop.name, clients);
  }

  /** The same shop, where something happens right after each write to DynamoDB. */
  after(aws: TestAws, happens: () => Promise<unknown>): Shop {
    const clients = createAwsClients({ endpoints: aws.endpoints });
    clients.documents.middlewareStack.add(
      (next, { commandName = "" }) =>
        async (args) => {
          const result = await next(args);
          if (/^(BatchWrite|Delete|Put|TransactWrite|Update)/.test(commandName)) await happens();
          return result;
        },
      { step: "initialize" },
    );
    return shopOf(this.shop.topology, this.shop.name, clients);
  }

  get documents() {
    return this.shop.clients.documents;
  }

  table(name: keyof (typeof coffeeShop.topology)["tables"]): string {
    return physicalName(this.shop.name, name);
  }

  /** Commits one row of the orders' outbox, and returns its events as stored. */
  async commit(
    aggregate: string,
    version: number,
    ...texts: string[]
  ): Promise<{ id: string; type: string; json: string }[]> {
    return this.commitEvents(
      aggregate,
      version,
      texts.map((text) => Placed({ text })),
    );
  }

  async commitEvents(aggregate: string, version: number, events: readonly PendingEvent[]) {
    const tables = { outbox: this.table("orders-outbox"), inbox: this.table("orders-inbox") };
    const outbox = createOutbox({ client: this.documents, source: "/doubleshot/orders", tables });
    await outbox.commit({ aggregate, version, events });
    const { Item } = await this.documents.send(
      new GetCommand({ TableName: tables.outbox, Key: { aggregate, version }, ConsistentRead: true }),
    );
    return Item?.events ?? [];
  }

  /** Writes the inbox rows of events that the bar has handled. */
  async handled(...events: { id: string }[]): Promise<void> {
    for (const { id } of events) {
      const Item = {
        message: `barista#${id}`,
        handledAt: new Date().toISOString(),
        publishedAt: new Date().toISOString(),
      };
      await this.documents.send(new PutCommand({ TableName: this.table("barista-inbox"), Item }));
    }
  }

  async rows(name: keyof (typeof coffeeShop.topology)["tables"]): Promise<Record<string, unknown>[]> {
    const rows: Record<string, unknown>[] = [];
    const read = { TableName: this.table(name), ConsistentRead: true };
    for await (const { Items = [] } of paginateScan({ client: this.documents }, read)) rows.push(...Items);
    return rows;
  }

  async send(queue: string, aggregate: string, body: string): Promise<void> {
    const { clients, name } = this.shop;
    await clients.sqs.send(
      new SendMessageCommand({
        QueueUrl: await queueUrl(clients, name, queue),
        MessageBody: body,
        MessageGroupId: aggregate,
        MessageDeduplicationId: crypto.randomUUID(),
      }),
    );
  }

  async depth(queue: string): Promise<number> {
    const { clients, name } = this.shop;
    const counts = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"] as const;
    const { Attributes = {} } = await clients.sqs.send(
      new GetQueueAttributesCommand({ QueueUrl: await queueUrl(clients, name, queue), AttributeNames: [...counts] }),
    );
    return counts.reduce((sum, count) => sum + Number(Attributes[count] ?? 0), 0);
  }

  /** Opens the bar as a real consumer. It gives up messages on which `handle` throws. */
  async openBar(handle: (text: string) => void = () => undefined): Promise<TestBar> {
    const { clients, name } = this.shop;
    const stop = new AbortController();
    const texts: string[] = [];
    const tables = { outbox: this.table("barista-outbox"), inbox: this.table("barista-inbox") };
    const outbox = createOutbox({ client: this.documents, source: "/doubleshot/barista", tables });
    const handler = async (message: Message<{ text: string }>): Promise<Settled> => {
      handle(message.data.text);
      texts.push(message.data.text);
      return message.commit({});
    };
    const polling = poll(subscriber("barista", outbox, [on(Placed, handler)]), {
      client: receivesEndingWith(stop.signal, clients.longPolls),
      queueUrl: await queueUrl(clients, name, this.bar.queue),
      signal: stop.signal,
      deadLetters: { queueUrl: await queueUrl(clients, name, this.bar.deadLetters ?? ""), maxAttempts: 1 },
    });
    const close = async () => {
      stop.abort();
      await polling;
    };
    return { texts: () => [...texts], close, [Symbol.asyncDispose]: close };
  }
}

export interface TestBar extends AsyncDisposable {
  /** The texts that it has handled, in order. */
  texts(): string[];
  close(): Promise<void>;
}

/** Options of `expect.poll`: the pause between two checks, in milliseconds. */
export const eventually = { interval: 10 };
