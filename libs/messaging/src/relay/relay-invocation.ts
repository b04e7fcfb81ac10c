import { deadlineSignal, notify, realClock, warn } from "../runtime/index.ts";
import type { Backlog } from "./backlog.ts";
import type { RelayObserver } from "./observe-relay.ts";
import type { ParkedAggregates, ParkedReason } from "./parked.ts";
import { type Entry, type EntryFailure, nextBatch, publishBatch, published } from "./publish-batches.ts";
import type { Deadline, RelayOptions } from "./relay-options.ts";

export interface Invocation {
  readonly options: RelayOptions;
  readonly deadline: Deadline;
  readonly observer: RelayObserver;
  /** If there is a table for them. */
  readonly parked: ParkedAggregates | undefined;
}

/** One invocation's work on its backlogs: afterwards they hold what is neither published nor parked. See `relay`. */
export class RelayInvocation {
  readonly #options: RelayOptions;
  readonly #deadline: Deadline;
  readonly #observer: RelayObserver;
  readonly #parked: ParkedAggregates | undefined;
  readonly #line: Backlog[] = [];
  #halted = false;

  constructor({ options, deadline, observer, parked }: Invocation) {
    this.#options = options;
    this.#deadline = deadline;
    this.#observer = observer;
    this.#parked = parked;
  }

  async run(backlogs: readonly Backlog[]): Promise<void> {
    const { margin = 2_000, clock = realClock } = this.#options;
    // A call that hangs past the deadline would take the report of what was sent down with it.
    const time = deadlineSignal(clock, Math.max(0, this.#deadline.getRemainingTimeInMillis() - margin / 2));
    try {
      await this.#relay(backlogs, time.signal).catch((reason: unknown) => this.#halt(backlogs[0], reason));
    } finally {
      time.cancel();
    }
  }

  async #relay(backlogs: readonly Backlog[], signal: AbortSignal): Promise<void> {
    const { concurrency = 4 } = this.#options;
    const parking = await this.#lineUp(backlogs, signal);
    const pumping = Array.from({ length: concurrency }, () => this.#pump(signal));
    await Promise.all([...parking, ...pumping]);
    // An aggregate that was released meanwhile has joined the line.
    await this.#pump(signal);
  }

  /** Returns the parking of the parked aggregates: the others do not wait for it. */
  async #lineUp(backlogs: readonly Backlog[], signal: AbortSignal): Promise<Promise<void>[]> {
    const aggregates = backlogs.map(({ aggregate }) => aggregate);
    const parked = (await this.#parked?.among(aggregates, signal)) ?? new Set<string>();
    for (const backlog of backlogs) if (!parked.has(backlog.aggregate)) await this.#join(backlog, signal);
    return backlogs
      .filter(({ aggregate }) => parked.has(aggregate))
      .map((backlog) => this.#parkBehind(backlog, signal).catch((reason: unknown) => this.#halt(backlog, reason)));
  }

  async #pump(signal: AbortSignal): Promise<void> {
    const { margin = 2_000 } = this.#options;
    while (!this.#halted && this.#deadline.getRemainingTimeInMillis() > margin) {
      const batch = nextBatch(this.#line);
      if (batch.length === 0) return;
      await this.#publish(batch, signal).catch((reason: unknown) => this.#halt(batch[0]?.backlog, reason));
    }
  }

  async #publish(batch: readonly Entry[], signal: AbortSignal): Promise<void> {
    const failures = await this.#call(batch, signal);
    for (const entry of batch) if (!failures.has(entry)) await this.#sent(entry, signal);
    for (const [entry, failure] of failures) {
      if (failure.senderFault && this.#parked) await this.#confirm(entry, signal);
      else this.#stop(entry, failure);
    }
  }

  /** Before an event is taken for poison, it is refused once more, with nothing beside it that could be to blame. */
  async #confirm(entry: Entry, signal: AbortSignal): Promise<void> {
    const failure = (await this.#call([entry], signal)).get(entry);
    if (failure === undefined) await this.#sent(entry, signal);
    else if (failure.senderFault) await this.#park(entry.backlog, failure, signal);
    else this.#stop(entry, failure);
  }

  #call(batch: readonly Entry[], signal: AbortSignal): Promise<Map<Entry, EntryFailure>> {
    return this.#observer.call(batch, () => publishBatch(this.#options, batch, signal));
  }

  async #sent(entry: Entry, signal: AbortSignal): Promise<void> {
    this.#observer.published(entry);
    published(entry);
    await this.#join(entry.backlog, signal);
  }

  /** Stands the backlog in line, if it has something to say that can be said. */
  async #join(backlog: Backlog, signal: AbortSignal): Promise<void> {
    const [head] = backlog.rows;
    if (head === undefined) return;
    if (head.malformed === undefined) {
      this.#line.push(backlog);
      return;
    }
    const { reason } = head.malformed;
    this.#tell(backlog, reason);
    await this.#park(backlog, { code: reason.name, message: reason.message }, signal);
  }

  /** Parks the head of the backlog for the reason given, and the rest behind it. Without parking, the backlog stops. */
  async #park(backlog: Backlog, reason: ParkedReason, signal: AbortSignal): Promise<void> {
    const { onParked } = this.#options;
    const { aggregate, rows } = backlog;
    const [head] = rows;
    if (this.#parked === undefined || head === undefined) return;
    const { version, events, malformed } = head;
    const { code, message } = reason;
    const row = { aggregate, version, events, reason: { code, message }, ...(malformed && { row: malformed.row }) };
    await this.#parked.park(row, signal);
    this.#parkedHead(backlog);
    notify(onParked, warn)(row);
    await this.#parkBehind(backlog, signal);
  }

  async #parkBehind(backlog: Backlog, signal: AbortSignal): Promise<void> {
    const { aggregate, rows } = backlog;
    for (let [head] = rows; this.#parked !== undefined && head !== undefined; [head] = rows) {
      const { version, events, malformed } = head;
      const row = { aggregate, version, events, ...(malformed && { row: malformed.row }) };
      const outcome = await this.#parked.parkBehind(row, signal);
      if (outcome === "released") return this.#join(backlog, signal);
      this.#parkedHead(backlog);
    }
  }

  #parkedHead({ rows }: Backlog): void {
    rows.shift();
    this.#observer.parked();
  }

  /** The backlog is not stood in line again: what is in it is unsent. */
  #stop({ backlog }: Entry, failure: EntryFailure): void {
    this.#tell(backlog, failure);
  }

  /** What failed was the call, not what it carried: no other one would fare better now. */
  #halt(backlog: Backlog | undefined, reason: unknown): void {
    this.#halted = true;
    if (backlog !== undefined) this.#tell(backlog, reason);
  }

  #tell({ aggregate, rows }: Backlog, reason: unknown): void {
    notify(this.#options.onTrouble, warn)({ aggregate, eventId: rows[0]?.events[0]?.id ?? "", reason });
  }
}
