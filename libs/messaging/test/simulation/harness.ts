import type { DynamoDBStreamEvent, SQSEvent } from "aws-lambda";
import { relay } from "../../src/relay/relay.ts";
import type { ItemChange } from "../../src/testing/dynamodb/table.ts";
import { FakeAws } from "../../src/testing/fake-aws.ts";
import type { Faults } from "../../src/testing/faults.ts";
import { FakeFunction, type Handler } from "../../src/testing/hosts/fake-function.ts";
import type { FakeProcess } from "../../src/testing/hosts/fake-process.ts";
import { hostQueue } from "../../src/testing/hosts/queue-host.ts";
import { hostStream } from "../../src/testing/hosts/stream-host.ts";
import { VirtualTime } from "../../src/testing/time/virtual-time.ts";
import { loadCopier, runPager } from "./consumer.ts";
import { HandlerRuns } from "./handler-runs.ts";
import { HiddenMessages } from "./hidden-messages.ts";
import { isMarkerIndex, Observations } from "./observations.ts";
import { operate } from "./operate.ts";
import { Operator } from "./operator.ts";
import { type PlannedStep, produce } from "./producer.ts";
import { ratesOf, type Scenario } from "./scenario.ts";
import { claimBucket, tableSpecs, tables } from "./tables.ts";

const queues = ["pager.fifo", "pager-dead.fifo", "copier.fifo", "copier-dead.fifo"];
const copierTimeoutSeconds = 10;

/**
 * A small system as adopters build it: producers with one outbox, its relay, a topic, and two subscribers. One subscriber
 * polls in processes, the other is a Lambda function. All processes die and restart.
 */
export class Harness {
  readonly time = new VirtualTime();
  readonly observations = new Observations((key) => this.aws.s3.bucket(claimBucket).get(key));
  readonly aws: FakeAws;
  /** Keys of the markers of groups in which a handler failed. */
  readonly failedGroups = new Set<string>();
  /** Findings about polls that ended by themselves. A poll goes on until it is stopped, also through faults. */
  readonly brokenPolls: string[] = [];
  readonly runs = new HandlerRuns();
  readonly hiddenMessages = new HiddenMessages();
  /** Findings about idle processes whose timers would keep them alive. */
  readonly leftBehind = new Set<string>();
  readonly planned: readonly (readonly PlannedStep[])[];
  readonly #scenario: Scenario;
  readonly #over = new AbortController();
  readonly #operator: Operator;
  #producing: number;
  #isMended = false;

  constructor(scenario: Scenario) {
    this.#scenario = scenario;
    this.aws = new FakeAws({
      seed: scenario.seed,
      time: this.time,
      tables: tableSpecs,
      buckets: [claimBucket],
      topics: ["notes-events.fifo"],
      queues: Object.fromEntries(queues.map((queue) => [queue, { fifo: true }])),
      subscriptions: ["pager.fifo", "copier.fifo"].map((queue) => ({ topic: "notes-events.fifo", queue })),
      faults: ratesOf(scenario.faults),
      refuses: ({ MessageGroupId = "" }) => this.isRefused(MessageGroupId),
      onHidden: (hidden) => {
        this.runs.observe(hidden);
        this.hiddenMessages.observe(hidden);
      },
      onChange: (change) => {
        this.observations.observe(change);
        countParkedAndBlocked(change, this.aws.faults);
        this.#mayAddEvents(change);
      },
    });
    this.planned = scenario.producers.map((steps, producer) =>
      steps.map((command, index) => ({ ...command, text: textFor(producer, index), reported: "not-reported" })),
    );
    this.#operator = new Operator(this.aws, this.aws.process("operator"));
    this.#producing = this.planned.length;
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
    for (let poller = 0; poller < this.#scenario.pollers; poller++) this.#startPager(poller);
    for (const [index, planned] of this.planned.entries()) this.#startProducer(index, [...planned]);
  }

  /** From now on, the handlers succeed and the topic accepts everything. */
  mend(): void {
    this.#isMended = true;
  }

  stop(): void {
    this.#over.abort();
  }

  isPoison(aggregate: string): boolean {
    return !this.#isMended && aggregate === `note#${this.#scenario.poisoned}`;
  }

  isRefused(aggregate: string): boolean {
    return !this.#isMended && this.#scenario.refused.some((refused) => aggregate === `note#${refused}`);
  }

  #process(name: string): FakeProcess {
    const skewed = this.aws.faults.strikes("clock-skewed");
    return this.aws.process(name, { canCrash: true, skewMs: skewed ? this.aws.random.integer(-20_000, 20_000) : 0 });
  }

  #startProducer(index: number, left: PlannedStep[]): void {
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
    if (this.aws.faults.strikes("process-stopped"))
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
      visibilityTimeoutSeconds: 6 * copierTimeoutSeconds,
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
        return relay({ client: sns, topicArn, source: "/notes", parking, clock: process.clock });
      }),
    });
  }

  /** A process whose work has ended has no timers. */
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
      timeoutSeconds: copierTimeoutSeconds,
    });
  }

  /** After a commit without events and a later one with events, an operator may add events to the former by hand. */
  #mayAddEvents({ table, before, after }: ItemChange): void {
    const { faults, random } = this.aws;
    const aggregate = after?.aggregate?.S ?? "";
    if (table !== tables.outbox || before !== undefined || !aggregate.startsWith("note#")) return;
    const version = this.observations.silentVersionOf(aggregate);
    if (version === undefined || !faults.strikes("row-written-late")) return;
    this.#producing += 1;
    this.time.after(random.integer(0, 5_000), () => {
      void this.#operator.addEvents(aggregate, version).then(() => {
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
      chained: this.#scenario.chained,
      isPoison: (aggregate: string) => this.isPoison(aggregate),
    };
  }

  /** Changes that AWS makes by itself from time to time. */
  #tick(): void {
    const { faults, random } = this.aws;
    const stream = this.aws.stream(tables.outbox);
    const open = stream.shards.filter(({ isClosed }) => !isClosed).sort((a, b) => a.from - b.from);
    const first = random.integer(0, open.length - 1);
    const [shard, neighbour] = [open[first], open[first + 1]];
    if (shard && open.length < 4 && faults.strikes("shard-split")) stream.split(shard);
    else if (shard && neighbour && faults.strikes("shards-merged")) stream.merge(shard, neighbour);
    for (let left = this.aws.dynamodb.removeExpired(); left > 0; left--) faults.saw("item-expired");
    if (!this.#over.signal.aborted) this.time.after(500, () => this.#tick());
  }
}

/** Characters of one, two, three and four bytes, and one that combines two code points. */
const spellings = ["", "é", "漢", "\u{1f600}", "e\u0301"];

function textFor(producer: number, index: number): string {
  return `${producer}.${index}${spellings[(producer + index) % spellings.length]}`;
}

function countParkedAndBlocked({ table, before, after }: ItemChange, faults: Faults): void {
  if (after !== undefined && isMarkerIndex(after)) return;
  if (table === tables.inbox && after?.message?.S?.includes("#blocked#")) {
    faults.saw("message-dead-lettered");
    if (before === undefined) faults.saw("group-blocked");
  }
  if (table !== tables.parked || before !== undefined || after === undefined) return;
  if (after.version?.N === "0") faults.saw("aggregate-parked");
  if (after.reason?.M?.code?.S === "Behind") faults.saw("row-parked-behind");
}
