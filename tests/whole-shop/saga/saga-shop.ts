import { poll, relay, type Subscriber } from "@doubleshot/messaging";
import {
  FakeAws,
  FakeFunction,
  type FakeProcess,
  hostStream,
  type ItemChange,
  VirtualTime,
} from "@doubleshot/messaging/testing";
import { coffeeShop } from "@doubleshot/shop";
import { Balances } from "./balances.ts";
import { type History, ratesOf } from "./history.ts";
import { baristaIn, customersIn, ordersIn, type ServiceName } from "./services.ts";

type Item = NonNullable<ItemChange["after"]>;

const { topology } = coffeeShop;
const functionTimeoutSeconds = 10;

type Live = {
  readonly orders: ReturnType<typeof ordersIn>;
  readonly customers: ReturnType<typeof customersIn>;
  readonly barista: ReturnType<typeof baristaIn>;
};

const parts = { orders: ordersIn, customers: customersIn, barista: baristaIn };

/** The whole shop on the fake AWS: its services in processes that die and start again, and the relays of their outboxes. */
export class SagaShop {
  readonly time = new VirtualTime();
  readonly aws: FakeAws;
  readonly balances = new Balances();
  readonly #history: History;
  readonly #over = new AbortController();
  readonly #live = { orders: new Map(), customers: new Map(), barista: new Map() } as {
    readonly [Name in ServiceName]: Map<number, { readonly process: FakeProcess; readonly parts: Live[Name] }>;
  };
  /** Polls that ended by themselves. */
  readonly broken: string[] = [];

  constructor(history: History) {
    this.#history = history;
    this.aws = new FakeAws({
      seed: history.seed,
      time: this.time,
      tables: topology.tables,
      topics: Object.keys(topology.topics),
      queues: Object.fromEntries(Object.entries(topology.queues).map(([name, { fifo }]) => [name, { fifo }])),
      subscriptions: topology.subscriptions,
      faults: ratesOf(history.faults),
      onChange: (change) => this.balances.observe(change),
    });
  }

  start(): void {
    for (const [name, { table, publishesTo, source, parked }] of Object.entries(topology.mappings)) {
      this.#hostRelay({ name, table, topic: publishesTo, source, parked: parked ?? "" });
    }
    for (let index = 0; index < this.#history.processes; index++) {
      for (const name of ["orders", "customers", "barista"] as const) this.#startProcess(name, index);
    }
  }

  stop(): void {
    this.#over.abort();
  }

  /** A process of the service that a request may reach now, as through a load balancer. Undefined while all are down. */
  process<Name extends ServiceName>(name: Name): { process: FakeProcess; parts: Live[Name] } | undefined {
    const live = [...this.#live[name].values()];
    return live[this.aws.random.integer(0, Math.max(0, live.length - 1))];
  }

  /** The items of a table, as they are. */
  items(table: string): Item[] {
    return this.aws.dynamodb.table(table).sorted();
  }

  item(table: string, key: Item): Item | undefined {
    return this.aws.dynamodb.table(table).get(key);
  }

  #startProcess<Name extends ServiceName>(name: Name, index: number): void {
    const process = this.#newProcess(`${name}-${index}`);
    const stop = new AbortController();
    const ended = () => {
      this.#live[name].delete(index);
      this.time.after(this.aws.random.integer(50, 2_000), () => this.#startProcess(name, index));
    };
    process.onCrash(ended);
    const loaded = parts[name]({ aws: this.aws, process }) as Live[Name];
    this.#live[name].set(index, { process, parts: loaded });
    this.#over.signal.addEventListener("abort", () => stop.abort(), { once: true });
    if (this.aws.faults.strikes("process-stopped")) {
      this.time.after(this.aws.random.integer(0, 5_000), () => stop.abort());
    }
    void this.#poll(name, loaded.subscriber, process, stop.signal)
      .catch((error: unknown) => this.broken.push(`${process.name} was ended by ${error}`))
      .then(() => process.isCrashed || ended());
  }

  #poll(name: ServiceName, subscriber: Subscriber, process: FakeProcess, signal: AbortSignal): Promise<void> {
    const { queue, deadLetters } = coffeeShop.services[name].names;
    return poll(subscriber, {
      client: this.aws.clients(process).sqs,
      queueUrl: this.aws.queueUrl(queue),
      deadLetters: { queueUrl: this.aws.queueUrl(deadLetters) },
      signal,
      clock: process.clock,
    });
  }

  #hostRelay({ name, table, topic, source, parked }: Record<"name" | "table" | "topic" | "source" | "parked", string>) {
    const { aws, time } = this;
    hostStream({
      stream: aws.stream(table),
      clock: aws.process("lambda").clock,
      faults: aws.faults,
      eventNames: ["INSERT"],
      signal: this.#over.signal,
      function: new FakeFunction<Parameters<ReturnType<typeof relay>>[0]>({
        name,
        time,
        faults: aws.faults,
        timeoutSeconds: functionTimeoutSeconds,
        newProcess: (processName) => this.#newProcess(processName),
        load: (process) => {
          const { sns, documents } = aws.clients(process);
          const parking = { client: documents, table: parked, clock: process.clock };
          return relay({ client: sns, topicArn: aws.topicArn(topic), source, parking, clock: process.clock });
        },
      }),
    });
  }

  #newProcess(name: string): FakeProcess {
    const isSkewed = this.aws.faults.strikes("clock-skewed");
    return this.aws.process(name, { canCrash: true, skewMs: isSkewed ? this.aws.random.integer(-20_000, 20_000) : 0 });
  }
}
