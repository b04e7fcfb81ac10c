import type { Envelope } from "../events/index.ts";

/** Aggregates whose newest event is kept. The least recently used ones are dropped first. */
const maxAggregates = 10_000;

/**
 * Detects events that are handled for the first time after a later event of their aggregate: their order was lost, which FIFO
 * queues and the relay should prevent. A process knows only of the messages that it received; it reads nothing, and the result
 * is only counted.
 */
export class Regressions {
  readonly #newest = new Map<string, string>();

  /** Whether an event that was just handled for the first time is older than one handled before. */
  isOne({ source, subject, sequence }: Pick<Envelope, "source" | "subject" | "sequence">): boolean {
    const aggregate = `${source} ${subject}`;
    const newest = this.#newest.get(aggregate);
    const regressed = newest !== undefined && sequence < newest;
    // A map iterates in the order of insertion, so the least recently used aggregate comes first.
    this.#newest.delete(aggregate);
    this.#newest.set(aggregate, regressed ? newest : sequence);
    if (this.#newest.size > maxAggregates) this.#dropOldest();
    return regressed;
  }

  #dropOldest(): void {
    for (const aggregate of this.#newest.keys()) {
      this.#newest.delete(aggregate);
      return;
    }
  }
}
