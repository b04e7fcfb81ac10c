import { deadlineSignal, notify, realClock, warn } from "../runtime/index.ts";
import type { Backlog } from "./backlog.ts";
import type { RelayObserver } from "./observe-relay.ts";
import type { ParkedAggregates, ParkedReason } from "./parked.ts";
import { type Entry, type EntryFailure, nextBatch, publishBatch, removePublished } from "./publish-batches.ts";
import type { Deadline, RelayOptions } from "./relay-options.ts";

export interface Invocation {
  readonly options: RelayOptions;
  readonly deadline: Deadline;
  readonly observer: RelayObserver;
  /** Undefined without a parked table. */
  readonly parked: ParkedAggregates | undefined;
}

/** In this time before the function's deadline the relay begins no new call. In its second half, it aborts the running calls. */
const deadlineMarginMs = 2_000;

/** The stored `reason.code` of a row that cannot be read. */
const malformedRowCode = "MalformedRow";

/** One invocation's work on its backlogs. Afterwards they hold the events that are neither published nor parked. See `relay`. */
export class RelayInvocation {
  readonly #options: RelayOptions;
  readonly #deadline: Deadline;
  readonly #observer: RelayObserver;
  readonly #parked: ParkedAggregates | undefined;
  readonly #ready: Backlog[] = [];
  #isHalted = false;

  constructor({ options, deadline, observer, parked }: Invocation) {
    this.#options = options;
    this.#deadline = deadline;
    this.#observer = observer;
    this.#parked = parked;
  }

  async run(backlogs: readonly Backlog[]): Promise<void> {
    const { clock = realClock } = this.#options;
    // A call that hangs past the deadline would keep the relay from reporting the unsent records.
    const remainingMs = this.#deadline.getRemainingTimeInMillis() - deadlineMarginMs / 2;
    const time = deadlineSignal(clock, Math.max(0, remainingMs));
    try {
      await this.#relay(backlogs, time.signal).catch((reason: unknown) => this.#halt(backlogs[0], reason));
    } finally {
      time.cancel();
    }
  }

  async #relay(backlogs: readonly Backlog[], signal: AbortSignal): Promise<void> {
    const { concurrency = 4 } = this.#options;
    const parking = await this.#start(backlogs, signal);
    const publishing = Array.from({ length: concurrency }, () => this.#publishReady(signal));
    await Promise.all([...parking, ...publishing]);
    // Backlogs of aggregates that an operator has released meanwhile.
    await this.#publishReady(signal);
  }

  /** Makes the backlogs ready. Returns promises for the parked aggregates' parking, because the others need not wait for it. */
  async #start(backlogs: readonly Backlog[], signal: AbortSignal): Promise<Promise<void>[]> {
    const aggregates = backlogs.map(({ aggregate }) => aggregate);
    const parked = (await this.#parked?.among(aggregates, signal)) ?? new Set<string>();
    for (const backlog of backlogs) if (!parked.has(backlog.aggregate)) await this.#makeReady(backlog, signal);
    return backlogs
      .filter(({ aggregate }) => parked.has(aggregate))
      .map((backlog) => this.#parkBehind(backlog, signal).catch((reason: unknown) => this.#halt(backlog, reason)));
  }

  async #publishReady(signal: AbortSignal): Promise<void> {
    while (!this.#isHalted && this.#deadline.getRemainingTimeInMillis() > deadlineMarginMs) {
      const batch = nextBatch(this.#ready);
      if (batch.length === 0) return;
      await this.#publish(batch, signal).catch((reason: unknown) => this.#halt(batch[0]?.backlog, reason));
    }
  }

  async #publish(batch: readonly Entry[], signal: AbortSignal): Promise<void> {
    const failures = await this.#call(batch, signal);
    for (const entry of batch) if (!failures.has(entry)) await this.#published(entry, signal);
    for (const [entry, failure] of failures) {
      if (failure.senderFault && this.#parked) await this.#confirm(entry, signal);
      else this.#stop(entry, failure);
    }
  }

  /** Publishes a refused event alone, because another entry of its batch may be the cause. Parks it if SNS refuses it again. */
  async #confirm(entry: Entry, signal: AbortSignal): Promise<void> {
    const failure = (await this.#call([entry], signal)).get(entry);
    if (failure === undefined) await this.#published(entry, signal);
    else if (failure.senderFault) await this.#park(entry.backlog, failure, signal);
    else this.#stop(entry, failure);
  }

  #call(batch: readonly Entry[], signal: AbortSignal): Promise<Map<Entry, EntryFailure>> {
    return this.#observer.call(batch, () => publishBatch(this.#options, batch, signal));
  }

  async #published(entry: Entry, signal: AbortSignal): Promise<void> {
    this.#observer.published(entry);
    removePublished(entry);
    await this.#makeReady(entry.backlog, signal);
  }

  /** Appends the backlog to the ready ones, or parks its malformed head. An empty backlog is done. */
  async #makeReady(backlog: Backlog, signal: AbortSignal): Promise<void> {
    const [head] = backlog.rows;
    if (head === undefined) return;
    if (head.malformed === undefined) {
      this.#ready.push(backlog);
      return;
    }
    const { reason } = head.malformed;
    this.#report(backlog, reason);
    await this.#park(backlog, { code: malformedRowCode, message: reason.message }, signal);
  }

  /** Parks the head of the backlog for the given reason, and the rest behind it. Without a parked table, the backlog stops. */
  async #park(backlog: Backlog, reason: ParkedReason, signal: AbortSignal): Promise<void> {
    const { onParked } = this.#options;
    const { aggregate, rows } = backlog;
    const [head] = rows;
    if (this.#parked === undefined || head === undefined) return;
    const { version, events, malformed } = head;
    const { code, message } = reason;
    const row = { aggregate, version, events, reason: { code, message }, ...(malformed && { row: malformed.row }) };
    await this.#parked.park(row, signal);
    this.#removeParked(backlog);
    notify(onParked, warn)(row);
    await this.#parkBehind(backlog, signal);
  }

  async #parkBehind(backlog: Backlog, signal: AbortSignal): Promise<void> {
    const { aggregate, rows } = backlog;
    for (let [head] = rows; this.#parked !== undefined && head !== undefined; [head] = rows) {
      const { version, events, malformed } = head;
      const row = { aggregate, version, events, ...(malformed && { row: malformed.row }) };
      const outcome = await this.#parked.parkBehind(row, signal);
      if (outcome === "released") return this.#makeReady(backlog, signal);
      this.#removeParked(backlog);
    }
  }

  #removeParked({ rows }: Backlog): void {
    rows.shift();
    this.#observer.parked();
  }

  /** The backlog is not made ready again, so its events stay unsent. */
  #stop({ backlog }: Entry, failure: EntryFailure): void {
    this.#report(backlog, failure);
  }

  /** A whole call failed, so another one would fail as well. */
  #halt(backlog: Backlog | undefined, reason: unknown): void {
    this.#isHalted = true;
    if (backlog !== undefined) this.#report(backlog, reason);
  }

  #report({ aggregate, rows }: Backlog, reason: unknown): void {
    notify(this.#options.onTrouble, warn)({ aggregate, eventId: rows[0]?.events[0]?.id ?? "", reason });
  }
}
