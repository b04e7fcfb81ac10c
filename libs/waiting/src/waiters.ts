import { type Link, type Span, trace } from "@opentelemetry/api";
import { activeCause, carriedCause, linkToCause } from "./causes.ts";
import type { Hint } from "./hints/index.ts";
import type { Log } from "./log.ts";
import { nextReadAt, shortestPauseMs } from "./read-schedule.ts";
import { Sweep } from "./sweep.ts";

/*
 * Registers callers that wait for a record, and ends each wait exactly once.
 *
 * A wait starts before the record's commit, so a missing or unfinished record never ends it. It ends as one of:
 * - answered     the record is in the awaited state (final by default): this process committed it, or a read found it
 * - removed      a read found the record earlier and no longer does
 * - timed-out    the wait took as long as its caller allows
 * - left         the caller closed the connection
 * - crowded-out  other callers took the place; `SharedPlaces` of service-kit chooses them
 * - draining     the process is stopping; new waits end at once
 *
 * Reads happen when a hint names the record, when a caller returns for it, and in the sweep. A lost hint costs latency only.
 * The sweep reads a record less often the longer it is awaited. Without waiters nothing is read and no timer is set.
 */

/** A record that callers wait for: a row with an id, whose version rises with each commit. */
export interface VersionedRecord {
  readonly id: string;
  readonly version: number;
}

/** How a wait ended; see the list above. */
export type WaitEnd<Item> =
  | { readonly outcome: "answered"; readonly record: Item }
  | { readonly outcome: "removed" | "timed-out" | "left" | "crowded-out" | "draining" };

export interface Wait<Item> {
  readonly ended: Promise<WaitEnd<Item>>;
  /** Ends the wait as `left`. Harmless when the wait is over. */
  leave(): void;
  /** Ends the wait as `crowded-out`. Harmless when the wait is over. */
  crowdOut(): void;
}

export interface WaitOptions<Item> {
  /** The awaited state. Default: final. */
  readonly until?: (record: Item) => boolean;
  /** Ends the wait as `timed-out` after so many milliseconds. Default: never. */
  readonly timeoutMs?: number | undefined;
  /** Ends the wait as `left` when the caller has gone. */
  readonly gone?: AbortSignal;
}

export interface WaitersOptions<Item> {
  /** Reads those of at most 100 records that exist. Strongly consistent. */
  readonly read: (ids: readonly string[]) => Promise<readonly Item[]>;
  readonly isFinal: (record: Item) => boolean;
  readonly log: Log;
  /** False: records are read only when a hint or a caller asks for it. */
  readonly sweeps: boolean;
  /** The id under which other instances send hints to this one now; undefined: none come. Default: undefined. */
  readonly instanceId?: () => string | undefined;
  /** Called with the seconds that each answered wait took. */
  readonly onAnswered?: (seconds: number) => void;
}

interface Waiter<Item> {
  readonly until: (record: Item) => boolean;
  readonly startedAt: number;
  readonly span: Span | undefined;
  readonly end: (end: WaitEnd<Item>) => void;
}

/** A record with at least one waiter. */
interface Awaited<Item> {
  readonly waiters: Set<Waiter<Item>>;
  readonly since: number;
  /** The id at the start of the first wait; undefined: no hints come. */
  instanceId: string | undefined;
  nextReadAt: number;
  /** The newest version that was observed; undefined before the first. */
  version: number | undefined;
  /** The span of the change that the newest hint names. */
  cause: Link | undefined;
}

/** Records of one read. Their callers are answered before the next read. */
const maxRecordsPerRead = 100;

/** The waits of a process for one type of record. Its states are at the top of this file. */
export class Waiters<Item extends VersionedRecord> {
  readonly #options: WaitersOptions<Item>;
  readonly #sweep: Sweep;
  readonly #records = new Map<string, Awaited<Item>>();
  #size = 0;
  #isDraining = false;

  constructor(options: WaitersOptions<Item>) {
    this.#options = options;
    this.#sweep = new Sweep({ task: () => this.#readDue(), pauseMs: () => shortestPauseMs / 2, log: options.log });
  }

  /** The waits that have not ended. */
  get size(): number {
    return this.#size;
  }

  /** Starts a wait. Start it before the record's commit, or call `read` after it: then no change is missed. */
  wait(id: string, { until = this.#options.isFinal, timeoutMs, gone }: WaitOptions<Item> = {}): Wait<Item> {
    const { promise: ended, resolve } = Promise.withResolvers<WaitEnd<Item>>();
    if (this.#isDraining || gone?.aborted) {
      resolve({ outcome: this.#isDraining ? "draining" : "left" });
      return { ended, leave: () => undefined, crowdOut: () => undefined };
    }
    const awaited = this.#awaitedFor(id);
    const end = (outcome: "timed-out" | "left" | "crowded-out") => this.#end(id, awaited, waiter, { outcome });
    const leave = () => end("left");
    const timer = timeoutMs === undefined ? undefined : setTimeout(() => end("timed-out"), timeoutMs);
    gone?.addEventListener("abort", leave, { once: true });
    const waiter: Waiter<Item> = {
      until,
      startedAt: performance.now(),
      span: trace.getActiveSpan(),
      end: (how) => {
        clearTimeout(timer);
        gone?.removeEventListener("abort", leave);
        resolve(how);
      },
    };
    awaited.waiters.add(waiter);
    this.#size += 1;
    return { ended, leave, crowdOut: () => end("crowded-out") };
  }

  /**
   * Answers the waits for this state of the record, which was just committed or read. A version older than one observed before
   * changes nothing.
   */
  observe(record: Item): void {
    this.#observe(record, activeCause());
  }

  /** Reads the records of hints that are awaited here, as `read` does. */
  async readHinted(hints: readonly Hint[]): Promise<void> {
    for (const { id, trace } of hints) {
      const awaited = this.#records.get(id);
      if (awaited !== undefined) awaited.cause = carriedCause(trace);
    }
    await this.read(hints.map(({ id }) => id));
  }

  #observe(record: Item, cause?: Link): void {
    const awaited = this.#records.get(record.id);
    if (awaited === undefined || record.version < (awaited.version ?? 0)) return;
    awaited.version = record.version;
    for (const waiter of awaited.waiters) {
      if (!waiter.until(record)) continue;
      linkToCause(waiter.span, cause ?? awaited.cause);
      this.#end(record.id, awaited, waiter, { outcome: "answered", record });
      this.#options.onAnswered?.((performance.now() - waiter.startedAt) / 1_000);
    }
    awaited.cause = undefined;
  }

  /** Reads those of the records that are awaited here. Never throws: after a failure the sweep reads them soon. */
  async read(ids: readonly string[]): Promise<void> {
    const awaited = ids.filter((id) => this.#records.has(id));
    for (let start = 0; start < awaited.length; start += maxRecordsPerRead) {
      const rest = awaited.slice(start);
      try {
        await this.#readSome(rest.slice(0, maxRecordsPerRead));
      } catch (error) {
        this.#options.log.warn(
          { err: error, records: rest.length },
          "could not read awaited records: trying again soon",
        );
        this.#readSoon(rest);
        return;
      }
    }
  }

  /** Ends all waits, and all that start from now on. */
  drain(): void {
    this.#isDraining = true;
    for (const [id, awaited] of this.#records) this.#endAll(id, awaited, "draining");
  }

  async #readSome(ids: readonly string[]): Promise<void> {
    const seen = ids.filter((id) => this.#records.get(id)?.version !== undefined);
    const found = await this.#options.read(ids);
    for (const record of found) this.#observe(record);
    const foundIds = new Set(found.map(({ id }) => id));
    for (const id of seen) {
      const awaited = this.#records.get(id);
      if (foundIds.has(id) || awaited === undefined) continue;
      this.#options.log.warn({ id }, "an awaited record has been removed from its table");
      this.#endAll(id, awaited, "removed");
    }
  }

  #awaitedFor(id: string): Awaited<Item> {
    const known = this.#records.get(id);
    if (known !== undefined) return known;
    const since = performance.now();
    const instanceId = this.#options.instanceId?.();
    const scheduled = { since, instanceId, nextReadAt: nextReadAt(since, { since, instanceId }) };
    const awaited: Awaited<Item> = { ...scheduled, waiters: new Set(), version: undefined, cause: undefined };
    if (this.#records.size === 0 && this.#options.sweeps) this.#sweep.start();
    this.#records.set(id, awaited);
    return awaited;
  }

  #end(id: string, awaited: Awaited<Item>, waiter: Waiter<Item>, end: WaitEnd<Item>): void {
    if (!awaited.waiters.delete(waiter)) return;
    this.#size -= 1;
    waiter.end(end);
    if (awaited.waiters.size > 0 || this.#records.get(id) !== awaited) return;
    this.#records.delete(id);
    if (this.#records.size === 0) this.#sweep.stop();
  }

  #endAll(id: string, awaited: Awaited<Item>, outcome: "removed" | "draining"): void {
    for (const waiter of awaited.waiters) this.#end(id, awaited, waiter, { outcome });
  }

  async #readDue(): Promise<void> {
    const now = performance.now();
    const instanceId = this.#options.instanceId?.();
    const due: string[] = [];
    for (const [id, awaited] of this.#records) {
      const lostHints = awaited.instanceId !== undefined && awaited.instanceId !== instanceId;
      if (!lostHints && awaited.nextReadAt > now) continue;
      // Other instances still send to the earlier id, so from now on this record counts as one without hints.
      if (lostHints) awaited.instanceId = undefined;
      awaited.nextReadAt = nextReadAt(now, awaited);
      due.push(id);
    }
    await this.read(due);
  }

  #readSoon(ids: readonly string[]): void {
    const soon = performance.now() + 1_000;
    for (const id of ids) {
      const awaited = this.#records.get(id);
      if (awaited !== undefined) awaited.nextReadAt = Math.min(awaited.nextReadAt, soon);
    }
  }
}
