import type { StartedTicket } from "../ticket/ticket.ts";

/** What asking came to. */
export type Claimed =
  | { readonly outcome: "claimed"; readonly ticket: StartedTicket }
  /** Nothing was there, for as long as the barista waited. */
  | { readonly outcome: "nothing" }
  /** Nobody is served here any more, or too many are. */
  | { readonly outcome: "turned away"; readonly because: "closing" | "crowded" }
  /** This token has claimed that order before. */
  | { readonly outcome: "token used"; readonly orderId: string };

/** Other callers have the places. */
export const crowded: Claimed = { outcome: "turned away", because: "crowded" };

export interface Ask {
  /** Fires when the barista has gone: no claim is made for them any more. */
  readonly signal: AbortSignal;
  /** The caller's id: places to wait are shared among callers. Left out in tests, where all are one. */
  readonly caller?: string;
  /** Milliseconds they are ready to wait for a ticket. Not given: an answer at once. */
  readonly wait?: number;
  /** The claim they would like to have; not given, it is made up, and its lease is the bar's. */
  readonly as?: { readonly token: string; readonly leaseSeconds: number };
}

/** A barista who asks. */
export interface Asker extends Ask {
  readonly answer: (claimed: Claimed) => void;
  readonly fail: (error: unknown) => void;
}

/**
 * The baristas for whom there was nothing, and who wait. One leaves by being called to ask again, when their time is up,
 * when they hang up, or when all are sent home; in the last three cases they are answered with nothing.
 */
export class WaitingBaristas {
  readonly #waiting = new Map<Asker, () => void>();
  readonly #deadlines = new WeakMap<Asker, number>();
  readonly #crowdedOut = new WeakSet<Asker>();
  #closed = false;

  get size(): number {
    return this.#waiting.size;
  }

  /** The wait begins when the barista asks, not when they have been told that there is nothing yet. */
  arrives(asker: Asker): void {
    this.#deadlines.set(asker, performance.now() + (asker.wait ?? 0));
  }

  /** Another caller takes the place: the wait ends, or does not begin. A claim that is being made is given all the same. */
  crowdOut(asker: Asker): void {
    this.#crowdedOut.add(asker);
    if (!this.#waiting.has(asker)) return;
    this.#remove(asker);
    asker.answer(crowded);
  }

  /** Takes them in; or answers with nothing, if their time is up. */
  add(asker: Asker): void {
    if (this.#crowdedOut.has(asker)) {
      asker.answer(crowded);
      return;
    }
    const left = (this.#deadlines.get(asker) ?? 0) - performance.now();
    if (this.#closed || asker.signal.aborted || left <= 0) {
      asker.answer({ outcome: "nothing" });
      return;
    }
    const leave = () => {
      this.#remove(asker);
      asker.answer({ outcome: "nothing" });
    };
    const timer = setTimeout(leave, left);
    asker.signal.addEventListener("abort", leave, { once: true });
    this.#waiting.set(asker, () => {
      clearTimeout(timer);
      asker.signal.removeEventListener("abort", leave);
    });
  }

  /** All of them, longest-waiting first. They are nobody's until they are added again. */
  takeAll(): Asker[] {
    const askers = [...this.#waiting.keys()];
    for (const asker of askers) this.#remove(asker);
    return askers;
  }

  /** Nobody waits from now on. */
  close(): void {
    this.#closed = true;
    for (const asker of this.takeAll()) asker.answer({ outcome: "nothing" });
  }

  #remove(asker: Asker): void {
    this.#waiting.get(asker)?.();
    this.#waiting.delete(asker);
  }
}
