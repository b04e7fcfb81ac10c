import type { Clock } from "./clock.ts";

/*
 * Almost always nothing stands aside: no aggregate is parked, no group is blocked. To hear that from the markers takes a
 * read for each aggregate and group, so it is kept in one item.
 *
 * The *tally*, beside the markers, says how many there are. A marker is written and counted in one transaction, and
 * removed and uncounted in one. At 0 it is *calm*, and no marker need be asked for. Who has read that relies on it for
 * a second, from before the read was sent; so a marker is not *seen by all* as soon as it is there. Whoever writes one,
 * or goes by one, waits until nobody can rely on calm any more before letting go of what it is about: a consumer before
 * it moves and deletes the message, the relay before its invocation ends. Only then is what comes behind handed out, and
 * whoever gets it asks after having got it. Who dies waiting has let nothing go: the same comes again, to somebody who
 * has to wait as well.
 *
 * Each time of *unrest* has a *spell*, an id that is drawn when the last marker goes, so never one that was there before.
 * Who finds the spell it found a second ago knows that there was no calm in between, for anybody, and need not wait.
 */

/** For how long calm is relied on, in milliseconds: the same for all, or waiting for them would be in vain. */
const reliedOn = 1_000;
/** A little longer, as clocks run at different rates. */
const seenByAllAfter = 1_100;

export interface Tally {
  /** How many markers there are. An item that is not there counts none. */
  readonly count?: number;
  readonly spell?: string;
}

/** By two clocks: a machine that was frozen may find that one of them has stood still. */
export interface Moment {
  readonly wall: number;
  readonly monotonic: number;
}

/** What one process knows of the tally. */
export class Calm {
  readonly #clock: Clock;
  /** By the monotonic clock, when the newest of the answered reads was sent. */
  #readAt = Number.NEGATIVE_INFINITY;
  /** Before the read that found calm last was sent. */
  #calmAt: Moment | undefined;
  #unrest: { readonly spell: string | undefined; readonly since: number } | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  moment(): Moment {
    return { wall: this.#clock.now(), monotonic: this.#clock.monotonic() };
  }

  /** Takes in what a consistent read has found that was sent at that moment and has just been answered. */
  learn({ count = 0, spell }: Tally, sentAt: Moment): void {
    // Answers may come in another order than they were asked for in: what a later read has found is newer.
    if (sentAt.monotonic < this.#readAt) return;
    this.#readAt = sentAt.monotonic;
    if (count > 0) {
      this.#calmAt = undefined;
      if (this.#unrest === undefined || this.#unrest.spell !== spell) {
        this.#unrest = { spell, since: this.#clock.monotonic() };
      }
    } else {
      this.#calmAt = sentAt;
      this.#unrest = undefined;
    }
  }

  /** Whether no marker need be asked for. */
  get isReliable(): boolean {
    return this.#age < reliedOn;
  }

  /** Reliable, and soon not any more. */
  get isEnding(): boolean {
    return this.isReliable && this.#age > reliedOn / 2;
  }

  /** Whether there were markers when the tally was last read. */
  get isUnrest(): boolean {
    return this.#unrest !== undefined;
  }

  /** By the monotonic clock, when the markers that were there at the last read are seen by all. */
  get seenByAllAt(): number {
    return this.#unrest === undefined ? 0 : this.#unrest.since + seenByAllAfter;
  }

  get #age(): number {
    if (this.#calmAt === undefined) return Number.POSITIVE_INFINITY;
    const { wall, monotonic } = this.moment();
    return Math.max(wall - this.#calmAt.wall, monotonic - this.#calmAt.monotonic);
  }
}
