import { type Shop, type StatusReport, status } from "@doubleshot/operations";
import type { Logger } from "@doubleshot/service-kit";
import { type Counters, countersOf, growth, sumOf, waitingCallersIn } from "./counters.ts";
import { type QueueDepth, queueDepths } from "./queue-depths.ts";
import { readMetrics } from "./read-metrics.ts";

/** A service whose process counts what it does. */
export interface MetricsSource {
  readonly name: string;
  readonly url: URL;
}

/** The shop at one time. */
export interface Snapshot {
  /** Epoch milliseconds. */
  readonly at: number;
  /** Milliseconds since the snapshot before; 0 for the first. */
  readonly spanMs: number;
  /** Growth in that time, over all services. */
  readonly grown: Counters;
  /** Counts of all services since each was started. */
  readonly totals: Counters;
  /** Customers and baristas that wait for an answer. */
  readonly waitingCallers: number;
  readonly queues: readonly QueueDepth[];
  /** The tables and queues as they were a few seconds before; undefined until they have been read. */
  readonly status: StatusReport | undefined;
  /** Names of the services that have answered. */
  readonly answering: readonly string[];
}

/** Readers come once a second; no snapshot is younger than this when the next one is taken. */
const minSpanMs = 900;
const maxSnapshotAgeMs = 5 * 60 * 1_000;
/** A status reads rows of each outbox, so it is taken less often. */
const statusEveryMs = 4_000;
const sampledRows = 1_000;

export interface PipelineOptions {
  readonly shop: Shop;
  readonly sources: readonly MetricsSource[];
  readonly log: Pick<Logger, "warn">;
}

/** Epoch milliseconds that never step back, as the time of day may: snapshots have an order, and a status an age. */
const now = () => Math.round(performance.timeOrigin + performance.now());

/**
 * Takes snapshots of the pipeline of the shop while somebody reads it: no reader, no reads of tables, queues and metrics. Several
 * readers share the snapshots.
 */
export class Pipeline {
  readonly #options: PipelineOptions;
  #snapshots: readonly Snapshot[] = [];
  #counters: ReadonlyMap<string, Counters> = new Map();
  #taking: Promise<void> | undefined;
  #status: StatusReport | undefined;
  #statusAt = 0;
  #readingStatus: Promise<void> | undefined;

  constructor(options: PipelineOptions) {
    this.#options = options;
  }

  /** Returns the snapshots of the last five minutes, the earliest first. @throws Errors of SQS */
  async read(): Promise<readonly Snapshot[]> {
    if (now() - (this.#snapshots.at(-1)?.at ?? 0) >= minSpanMs) {
      this.#taking ??= this.#take().finally(() => {
        this.#taking = undefined;
      });
      await this.#taking;
    }
    return this.#snapshots;
  }

  async #take(): Promise<void> {
    const { shop, sources } = this.#options;
    if (now() - this.#statusAt >= statusEveryMs) this.#readingStatus ??= this.#readStatus();
    const [queues, reads] = await Promise.all([
      queueDepths(shop),
      Promise.all(sources.map(async ({ name, url }) => ({ name, metrics: await readMetrics(url) }))),
    ]);
    const responses = reads.flatMap(({ name, metrics }) => (metrics ? [{ name, metrics }] : []));
    const counters = new Map(responses.map(({ name, metrics }) => [name, countersOf(metrics)]));
    const grown = [...counters].flatMap(([name, counted]) => {
      const before = this.#counters.get(name);
      return before === undefined ? [] : [growth(before, counted)];
    });
    // A service that is down keeps its counters, so that it goes on from them if it was only busy.
    this.#counters = new Map([...this.#counters, ...counters]);
    const at = now();
    const last = this.#snapshots.at(-1);
    const snapshot = {
      at,
      spanMs: last === undefined ? 0 : at - last.at,
      grown: sumOf(grown),
      totals: sumOf(this.#counters.values()),
      waitingCallers: responses.reduce((sum, { metrics }) => sum + waitingCallersIn(metrics), 0),
      queues,
      status: this.#status,
      answering: responses.map(({ name }) => name),
    };
    this.#snapshots = [...this.#snapshots.filter((each) => at - each.at < maxSnapshotAgeMs), snapshot];
  }

  /** Never rejects: the last status stays until DynamoDB answers again. */
  async #readStatus(): Promise<void> {
    try {
      this.#status = await status(this.#options.shop, { sample: sampledRows });
    } catch (error) {
      this.#options.log.warn({ err: error }, "the tables could not be read for the engine room");
    } finally {
      this.#statusAt = now();
      this.#readingStatus = undefined;
    }
  }
}
