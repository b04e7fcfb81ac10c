import type { Clock } from "./clock.ts";

/*
 * Almost always nothing stands aside, or little does: no aggregate is parked and no group is blocked, or a few are. To
 * hear that from the markers takes a read for each aggregate and group, so it is kept in one item.
 *
 * The *tally*, beside the markers, names them while they are few, and counts the *others*. A marker is written and
 * entered in one transaction, and removed and struck out in one. As long as there are no others, no marker need be asked
 * for but those it names. Who has read that relies on it for a second, from before the read was sent; so a marker is not
 * *seen by all* as soon as it is there. Whoever writes one, or goes by one, waits until nobody can rely on a tally
 * without it any more before letting go of what it is about: a consumer before it moves and deletes the message, the
 * relay before its invocation ends. Only then is what comes behind handed out, and whoever gets it asks after having got
 * it. Who dies waiting has let nothing go: the same comes again, to somebody who has to wait as well.
 *
 * Between two removals there is one *spell*, an id that is drawn at each of them, so never one that was there before. Who
 * finds an entry that they found a second ago, in the same spell, knows that it was there all the time, for everybody,
 * and need not wait.
 */

/** For how long a tally is relied on, in milliseconds: the same for all, or waiting for them would be in vain. */
const reliedOn = 1_000;
/** A little longer, as clocks run at different rates. */
const seenByAllAfter = 1_100;

/** An item that is not there counts none. What is in it may have been edited by hand. */
export interface Tally {
  /** Those markers that are named. */
  readonly names?: unknown;
  /** How many there are beside them. */
  readonly count?: unknown;
  readonly spell?: unknown;
}

/** By two clocks: a machine that was frozen may find that one of them has stood still. */
export interface Moment {
  readonly wall: number;
  readonly monotonic: number;
}

/** What one process knows of the tally. */
export class KnownTally {
  readonly #clock: Clock;
  /** Before the newest of the answered reads was sent. */
  #readAt: Moment = { wall: Number.NEGATIVE_INFINITY, monotonic: Number.NEGATIVE_INFINITY };
  #spell: unknown;
  /** Since when the markers have been known that are named, by the monotonic clock. */
  #named: ReadonlyMap<string, number> = new Map();
  /** Since when it has been known that there are others, if there are. */
  #others: number | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  moment(): Moment {
    return { wall: this.#clock.now(), monotonic: this.#clock.monotonic() };
  }

  /** Takes in what a consistent read has found that was sent at that moment and has just been answered. */
  learn({ names = new Set(), count = 0, spell }: Tally, sentAt: Moment): void {
    // Answers may come in another order than they were asked for in: what a later read has found is newer.
    if (sentAt.monotonic < this.#readAt.monotonic) return;
    const now = this.#clock.monotonic();
    const [named, others] = spell === this.#spell ? [this.#named, this.#others] : [];
    const found = names instanceof Set ? [...names] : [];
    const isReadable =
      names instanceof Set &&
      found.every((name) => typeof name === "string") &&
      typeof count === "number" &&
      count >= 0;
    this.#named = new Map(found.map(String).map((name) => [name, named?.get(name) ?? now]));
    this.#others = isReadable && count === 0 ? undefined : (others ?? now);
    this.#readAt = sentAt;
    this.#spell = spell;
  }

  get isReliable(): boolean {
    return this.#age < reliedOn;
  }

  /** Reliable, and soon not any more. */
  get isEnding(): boolean {
    return this.isReliable && this.#age > reliedOn / 2;
  }

  /** Whether there are markers that the tally does not name. */
  get hasOthers(): boolean {
    return this.#others !== undefined;
  }

  /** No marker is there, if the tally is reliable. */
  get isEmpty(): boolean {
    return !this.hasOthers && this.#named.size === 0;
  }

  /** Whether a marker of this name may be there, if the tally is reliable. */
  mayHave(name: string): boolean {
    return this.hasOthers || this.#named.has(name);
  }

  /** By the monotonic clock, when a marker is seen by all that was there at the last read. */
  seenByAllAt(name: string): number {
    const since = this.#named.get(name) ?? this.#others;
    return since === undefined ? 0 : since + seenByAllAfter;
  }

  get #age(): number {
    const { wall, monotonic } = this.moment();
    return Math.max(wall - this.#readAt.wall, monotonic - this.#readAt.monotonic);
  }
}
