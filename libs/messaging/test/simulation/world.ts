import type { DynamoDBStreamEvent, SQSEvent } from "aws-lambda";
import { relay } from "../../src/relay/relay.ts";
import type { FakeTableSpec, ItemChange } from "../../src/testing/dynamodb/table.ts";
import { FakeAws } from "../../src/testing/fake-aws.ts";
import type { Faults } from "../../src/testing/faults.ts";
import { FakeFunction, type Handler } from "../../src/testing/hosts/fake-function.ts";
import type { FakeProcess } from "../../src/testing/hosts/fake-process.ts";
import { hostQueue } from "../../src/testing/hosts/queue-host.ts";
import { hostStream } from "../../src/testing/hosts/stream-host.ts";
import { VirtualTime } from "../../src/testing/time/virtual-time.ts";
import { loadCopier, runPager } from "./consumer.ts";
import { Hiding } from "./hiding.ts";
import { operate } from "./operate.ts";
import { Operator } from "./operator.ts";
import { type Intention, produce } from "./producer.ts";
import { type Program, ratesOf } from "./program.ts";
import { HandlerRuns } from "./runs.ts";
import { claimBucket, isMarkerIndex, Truth, tables } from "./truth.ts";

const byId: FakeTableSpec = { key: { partition: { name: "id", type: "S" } } };
const byVersion = { partition: { name: "aggregate", type: "S" }, sort: { name: "version", type: "N" } } as const;
const specs: Record<string, FakeTableSpec> = {
  [tables.notes]: byId,
  [tables.claims]: byId,
  [tables.tallies]: byId,
  [tables.pages]: byId,
  [tables.copies]: byId,
  [tables.inbox]: { key: { partition: { name: "message", type: "S" } }, ttl: "expiresAt" },
  [tables.outbox]: { key: byVersion, stream: "NEW_IMAGE", ttl: "expiresAt" },
  [tables.parked]: { key: byVersion },
};

const queues = ["pager.fifo", "pager-dead.fifo", "copier.fifo", "copier-dead.fifo"];
const copierTimeout = 10;

/**
 * A small system as adopters build them: producers over one outbox, its relay, a topic, and two subscribers, one that
 * polls in processes and one that is a Lambda function. All of its processes die and come back.
 */
export class World {
  readonly time = new VirtualTime();
  readonly truth = new Truth((key) => this.aws.s3.bucket(claimBucket).get(key));
  readonly aws: FakeAws;
  /** Groups in which a handler has failed, by subscriber, in the words of their markers. */
  readonly failedGroups = new Set<string>();
  /** Polls that ended by themselves, in words: whatever goes wrong, they go on until they are stopped. */
  readonly brokenPolls: string[] = [];
  readonly runs = new HandlerRuns();
  readonly hiding = new Hiding();
  /** Processes that had nothing left to do, and timers that would have kept them alive. */
  readonly leftBehind = new Set<string>();
  readonly intentions: readonly (readonly Intention[])[];
  readonly #program: Program;
  readonly #over = new AbortController();
  readonly #operator: Operator;
  #producing: number;
  #mended = false;

  constructor(program: Program) {
    this.#program = program;
    this.aws = new FakeAws({
      seed: program.seed,
      time: this.time,
      tables: specs,
      buckets: [claimBucket],
      topics: ["notes-events.fifo"],
      queues: Object.fromEntries(queues.map((queue) => [queue, { fifo: true }])),
      subscriptions: ["pager.fifo", "copier.fifo"].map((queue) => ({ topic: "notes-events.fifo", queue })),
      faults: ratesOf(program.faults),
      refuses: ({ MessageGroupId = "" }) => this.isRefused(MessageGroupId),
      onHidden: (hidden) => {
        this.runs.observe(hidden);
        this.hiding.observe(hidden);
      },
      onChange: (change) => {
        this.truth.observe(change);
        countStandingAside(change, this.aws.faults);
        this.#mayAddNews(change);
      },
    });
    this.intentions = program.producers.map((commands, producer) =>
      commands.map((command, index) => ({ ...command, text: textFor(producer, index), told: "never told" })),
    );
    this.#operator = new Operator(this.aws, this.aws.process("operator"));
    this.#producing = this.intentions.length;
  }

  get producing(): boolean {
    return this.#producing > 0;
  }

  start(): void {
    this.#tick();
    this.#hostRelay();
    this.#hostCopier();
    void operate({
      aws: this.aws,
      operator: this.#operator,
      signal: this.#over.signal,
      mayBeReleased: (aggregate) => !this.isRefused(aggregate),
    });
    for (let poller = 0; poller < this.#program.pollers; poller++) this.#startPager(poller);
    for (const [index, intentions] of this.intentions.entries()) this.#startProducer(index, [...intentions]);
  }

  /** The handler can stand, and the topic takes, everything from now on. */
  mend(): void {
    this.#mended = true;
  }

  stop(): void {
    this.#over.abort();
  }

  isPoison(aggregate: string): boolean {
    return !this.#mended && aggregate === `note#${this.#program.poisoned}`;
  }

  isRefused(aggregate: string): boolean {
    return !this.#mended && this.#program.refused.some((refused) => aggregate === `note#${refused}`);
  }

  #process(name: string): FakeProcess {
    const skewed = this.aws.faults.strikes("clock skewed");
    return this.aws.process(name, { mortal: true, skew: skewed ? this.aws.random.integer(-20_000, 20_000) : 0 });
  }

  #startProducer(index: number, left: Intention[]): void {
    const process = this.#process(`producer-${index}`);
    process.onCrash(() => this.time.after(100, () => this.#startProducer(index, left)));
    void produce(this.aws, process, left).then(() => {
      this.#producing -= 1;
    });
  }

  #startPager(index: number): void {
    const process = this.#process(`pager-${index}`);
    const again = () => this.time.after(this.aws.random.integer(50, 2_000), () => this.#startPager(index));
    process.onCrash(again);
    const stop = new AbortController();
    this.#over.signal.addEventListener("abort", () => stop.abort(), { once: true });
    if (this.aws.faults.strikes("process stopped"))
      this.time.after(this.aws.random.integer(0, 5_000), () => stop.abort());
    void runPager(process, this.#consumerOptions(), stop.signal)
      .catch((error: unknown) => this.brokenPolls.push(`${process.name} was ended by ${error}`))
      .then(() => this.#hasEnded(process))
      .then(again);
  }

  #hostCopier(): void {
    void hostQueue({
      queue: this.aws.sqs.queue("copier.fifo"),
      clock: this.aws.process("lambda").clock,
      visibilityTimeoutSeconds: 6 * copierTimeout,
      signal: this.#over.signal,
      function: this.#function<SQSEvent>("copier", (process) => loadCopier(process, this.#consumerOptions())),
    });
  }

  #hostRelay(): void {
    hostStream({
      stream: this.aws.stream(tables.outbox),
      clock: this.aws.process("lambda").clock,
      faults: this.aws.faults,
      eventNames: ["INSERT"],
      signal: this.#over.signal,
      function: this.#function<DynamoDBStreamEvent>("relay", (process) => {
        const { sns, documents } = this.aws.clients(process);
        const parking = { client: documents, table: tables.parked, clock: process.clock };
        const topicArn = this.aws.topicArn("notes-events.fifo");
        return relay({ client: sns, topicArn, source: "/notebook", parking, clock: process.clock });
      }),
    });
  }

  /** A process that has done what it was there for has no timers. */
  #hasEnded(process: FakeProcess): void {
    if (process.timers > 0) this.leftBehind.add(`${process.name} left ${process.timers} timers behind`);
  }

  #function<Event>(name: string, load: (process: FakeProcess) => Handler<Event>): FakeFunction<Event> {
    return new FakeFunction({
      name,
      load: (process) => {
        const handler = load(process);
        return (event, context) => handler(event, context).finally(() => this.#hasEnded(process));
      },
      time: this.time,
      faults: this.aws.faults,
      newProcess: (processName) => this.#process(processName),
      timeoutSeconds: copierTimeout,
    });
  }

  /** Where a commit without news has been followed by one with some, somebody finds that the former should have had news. */
  #mayAddNews({ table, before, after }: ItemChange): void {
    const { faults, random } = this.aws;
    const aggregate = after?.aggregate?.S ?? "";
    if (table !== tables.outbox || before !== undefined || !aggregate.startsWith("note#")) return;
    const version = this.truth.silentVersionOf(aggregate);
    if (version === undefined || !faults.strikes("row written late")) return;
    this.#producing += 1;
    this.time.after(random.integer(0, 5_000), () => {
      void this.#operator.addNews(aggregate, version).then(() => {
        this.#producing -= 1;
      });
    });
  }

  #consumerOptions() {
    const { aws } = this;
    const onFailure = (subscriber: string, group: string) => this.failedGroups.add(`${subscriber}#blocked#${group}`);
    return {
      aws,
      onFailure,
      runs: this.runs,
      chained: this.#program.chained,
      isPoison: (aggregate: string) => this.isPoison(aggregate),
    };
  }

  /** What AWS does by itself from time to time. */
  #tick(): void {
    const { faults, random } = this.aws;
    const stream = this.aws.stream(tables.outbox);
    const open = stream.shards.filter(({ closed }) => !closed).sort((a, b) => a.from - b.from);
    const first = random.integer(0, open.length - 1);
    const [shard, neighbour] = [open[first], open[first + 1]];
    if (shard && open.length < 4 && faults.strikes("shard split")) stream.split(shard);
    else if (shard && neighbour && faults.strikes("shards merged")) stream.merge(shard, neighbour);
    for (let left = this.aws.dynamodb.removeExpired(); left > 0; left--) faults.saw("item expired");
    if (!this.#over.signal.aborted) this.time.after(500, () => this.#tick());
  }
}

/** Characters of one, two, three and four bytes, and one that is made of two. */
const spellings = ["", "é", "漢", "\u{1f600}", "e\u0301"];

function textFor(producer: number, index: number): string {
  return `${producer}.${index}${spellings[(producer + index) % spellings.length]}`;
}

function countStandingAside({ table, before, after }: ItemChange, faults: Faults): void {
  if (after !== undefined && isMarkerIndex(after)) return;
  if (table === tables.inbox && after?.message?.S?.includes("#blocked#")) {
    faults.saw("message dead-lettered");
    if (before === undefined) faults.saw("group blocked");
  }
  if (table !== tables.parked || before !== undefined || after === undefined) return;
  if (after.version?.N === "0") faults.saw("aggregate parked");
  if (after.reason?.M?.code?.S === "Behind") faults.saw("row parked behind");
}
