import type { Envelope } from "../events/index.ts";

/** Aggregates whose newest event is remembered. Those that had none for the longest time are forgotten first. */
const remembered = 10_000;

/**
 * Notices events that are handled for the first time although a later one of their aggregate has been: order was lost on
 * the way, which FIFO queues and the relay are there to prevent. As far as this process can tell, which saw only what was
 * handed to it; nothing is read for it, and nothing done about it.
 */
export class Regressions {
  readonly #newest = new Map<string, string>();

  /** Whether this event, which has just been handled for the first time, is older than one handled before. */
  isOne({ source, subject, sequence }: Pick<Envelope, "source" | "subject" | "sequence">): boolean {
    const aggregate = `${source} ${subject}`;
    const newest = this.#newest.get(aggregate);
    const regressed = newest !== undefined && sequence < newest;
    // Whoever is set last is at the end of the map.
    this.#newest.delete(aggregate);
    this.#newest.set(aggregate, regressed ? newest : sequence);
    if (this.#newest.size > remembered) this.#forgetOne();
    return regressed;
  }

  #forgetOne(): void {
    for (const aggregate of this.#newest.keys()) {
      this.#newest.delete(aggregate);
      return;
    }
  }
}
