import type { SQSClient } from "@aws-sdk/client-sqs";
import { GetCommand } from "@aws-sdk/lib-dynamodb";
import { createOutbox, defineEvent, on, type ParkedRow, poll, subscriber } from "@doubleshot/messaging";
import { blockedKey, fromWire } from "@doubleshot/messaging/operations";
import { FakeAws, type FakeProcess, VirtualTime } from "@doubleshot/messaging/testing";
import { coffeeShop } from "@doubleshot/shop";
import { type AwsClients, physicalName } from "@doubleshot/topology";
import { z } from "zod";
import { type Shop, shopOf } from "./shop.ts";

const Placed = defineEvent("OrderPlaced", { version: 1, schema: z.object({ text: z.string() }) });

const name = "fake";
const physical = (short: string) => physicalName(name, short);
const physicalKeys = <T>(specs: Readonly<Record<string, T>>): Record<string, T> =>
  Object.fromEntries(Object.entries(specs).map(([short, spec]) => [physical(short), spec]));

/** The interruption of one call of an operator's command. */
export interface Interruption {
  /** From 1. */
  readonly call: number;
  /**
   * - refused     the call has no effect and fails; all others succeed
   * - unanswered  it has its effect, and fails
   * - dies        the operator's process ends when the call has had its effect
   */
  readonly how: "refused" | "unanswered" | "dies";
}

export const interruptions = ["refused", "unanswered", "dies"] as const;

/**
 * Interrupts each call of a command in turn, in an attempt of its own. `attempt` returns the name of the interrupted call, or
 * undefined when the command makes fewer calls.
 */
export async function atEachCall(
  how: Interruption["how"],
  attempt: (interruption: Interruption) => Promise<string | undefined>,
): Promise<string[]> {
  const interrupted: string[] = [];
  for (let call = 1; ; call++) {
    const command = await attempt({ call, how });
    if (command === undefined) return interrupted;
    interrupted.push(command);
  }
}

/** A shop in memory and in virtual time, so that a command can be interrupted at each of its calls in turn. */
export class FakeShop {
  readonly time = new VirtualTime();
  readonly aws = new FakeAws({
    time: this.time,
    latencyMs: [0, 0],
    tables: physicalKeys(coffeeShop.topology.tables),
    topics: Object.keys(coffeeShop.topology.topics).map(physical),
    queues: Object.fromEntries(
      Object.entries(coffeeShop.topology.queues).map(([short, { fifo }]) => [physical(short), { fifo }]),
    ),
  });
  readonly #texts: string[] = [];
  #operators = 0;

  /** Runs a command in a process of its own. `interrupted` is the name of the interrupted call, if there were so many. */
  async operate<T>(
    command: (shop: Shop) => Promise<T>,
    interruption?: Interruption,
  ): Promise<{ interrupted: string | undefined; result?: T; error?: unknown }> {
    const process = this.aws.process(`operator ${++this.#operators}`);
    const { clients, interrupted } = interruptible(this.aws, process, interruption);
    let ended: { result?: T; error?: unknown } | undefined;
    command(shopOf(coffeeShop.topology, name, clients)).then(
      (result) => {
        ended = { result };
      },
      (error: unknown) => {
        ended = { error };
      },
    );
    await this.time.pass(() => ended !== undefined || process.isCrashed, 3_600_000);
    return { interrupted: interrupted(), ...ended };
  }

  get documents() {
    return this.aws.clients().documents;
  }

  table(short: string) {
    return this.aws.dynamodb.table(physical(short));
  }

  queue(short: string) {
    return this.aws.sqs.queue(physical(short));
  }

  /** Waits for work that takes virtual time. */
  async until<T>(work: Promise<T>): Promise<T> {
    let over = false;
    const ended = work.finally(() => {
      over = true;
    });
    ended.catch(() => undefined);
    await this.time.pass(() => over, 60_000);
    return ended;
  }

  /** Commits to the orders' outbox. Returns the events as stored. */
  async commit(aggregate: string, version: number, ...texts: string[]): Promise<ParkedRow["events"]> {
    const clock = this.aws.process("orders").clock;
    const tables = { outbox: physical("orders-outbox"), inbox: physical("orders-inbox") };
    const outbox = createOutbox({ client: this.documents, source: "/doubleshot/orders", tables, clock });
    await this.until(outbox.commit({ aggregate, version, events: texts.map((text) => Placed({ text })) }));
    const read = new GetCommand({ TableName: tables.outbox, Key: { aggregate, version } });
    const { Item } = await this.until(this.documents.send(read));
    return Item?.events ?? [];
  }

  async deliver(aggregate: string, version: number, text: string): Promise<void> {
    for (const { id, json } of await this.commit(aggregate, version, text)) {
      this.queue("barista-subscriber.fifo").send({ body: json, group: aggregate, deduplicationId: id });
    }
  }

  /** The bar as a consumer that gives up on these texts. */
  openBar(refused: ReadonlySet<string>): void {
    const { sqs, documents } = this.aws.clients();
    const { clock } = this.aws.process("bar");
    const tables = { outbox: physical("barista-outbox"), inbox: physical("barista-inbox") };
    const outbox = createOutbox({ client: documents, source: "/doubleshot/barista", tables, clock });
    const placed = on(Placed, async (message) => {
      if (refused.has(message.data.text)) throw new Error("cannot brew this");
      const settled = await message.commit({});
      if (settled.outcome === "committed") this.#texts.push(message.data.text);
      return settled;
    });
    void poll(subscriber("barista", outbox, [placed]), {
      client: sqs,
      queueUrl: this.aws.queueUrl(physical("barista-subscriber.fifo")),
      deadLetters: { queueUrl: this.aws.queueUrl(physical("barista-subscriber-dead.fifo")), maxAttempts: 1 },
      signal: new AbortController().signal,
      clock,
    });
  }

  /** The texts that the bar has handled, in order. */
  handled(): readonly string[] {
    return this.#texts;
  }

  isBlocked(aggregate: string): boolean {
    return this.table("barista-inbox").get({ message: { S: blockedKey("barista", aggregate) } }) !== undefined;
  }

  /** The texts of an aggregate that the topic took, in order, without repetitions. */
  published(aggregate: string): string[] {
    const { taken } = this.aws.sns.topic(physical("orders-events.fifo"));
    const texts = taken.filter(({ group }) => group === aggregate).map(({ body }) => Object(fromWire(body).data).text);
    return [...new Set<string>(texts)];
  }
}

function interruptible(aws: FakeAws, process: FakeProcess, interruption: Interruption | undefined) {
  const { dynamodb, documents, sns, sqs } = aws.clients(process);
  let calls = 0;
  let interrupted: string | undefined;
  for (const { middlewareStack } of [dynamodb, sns, sqs] as Pick<SQSClient, "middlewareStack">[]) {
    middlewareStack.add(
      (next, { commandName = "" }) =>
        async (args) => {
          if (++calls !== interruption?.call) return next(args);
          interrupted = commandName.replace(/Command$/, "");
          if (interruption.how !== "refused") await next(args);
          if (interruption.how === "dies") {
            process.crash();
            return new Promise<never>(() => {});
          }
          throw Object.assign(new Error("socket hang up"), { code: "ECONNRESET", $metadata: {} });
        },
      { step: "initialize", priority: "high" },
    );
  }
  const clients = { dynamodb, documents, sns, sqs, longPolls: sqs } as Partial<AwsClients> as AwsClients;
  return { clients, interrupted: () => interrupted };
}
