import { fromWire } from "../../src/events/envelope.ts";
import type { Settled } from "../../src/outbox/outcome.ts";
import { isOutage } from "../../src/runtime/aws-errors.ts";
import { CommitOutcomeUnknownError, ConcurrencyConflictError } from "../../src/runtime/errors.ts";
import type { HiddenMessage } from "../../src/testing/sqs/fake-queue.ts";

interface Count {
  /** Starts of the handler. */
  runs: number;
  /** Receives of the message. */
  received: number;
  /** Runs that ended in a conflict or an outage: another run follows without another receive. */
  excused: number;
}

/** Counts each subscriber's handler runs for each event, and the reasons for them. */
export class HandlerRuns {
  /** By `<subscriber>#<event id>`. */
  readonly #counts = new Map<string, Count>();

  observe({ queue, body, how }: HiddenMessage): void {
    const subscriber = queue.replace(/\.fifo$/, "");
    if (how === "handed-out") this.#countOf(subscriber, fromWire(body).id).received += 1;
  }

  async run(subscriber: string, id: string, handle: () => Promise<Settled>): Promise<Settled> {
    const count = this.#countOf(subscriber, id);
    count.runs += 1;
    try {
      return await handle();
    } catch (error) {
      const isExcused =
        error instanceof ConcurrencyConflictError || error instanceof CommitOutcomeUnknownError || isOutage(error);
      if (isExcused) count.excused += 1;
      throw error;
    }
  }

  /** @param once whether no fault happened that makes a handler run again. */
  *findings(once: boolean): Generator<string> {
    for (const [message, { runs, received, excused }] of this.#counts) {
      const maxRuns = once ? 1 : received + excused;
      if (runs > maxRuns)
        yield `the handler ran ${runs} times for ${message}, and should have run ${maxRuns} times at most`;
    }
  }

  #countOf(subscriber: string, id: string): Count {
    const key = `${subscriber}#${id}`;
    const count = this.#counts.get(key) ?? { runs: 0, received: 0, excused: 0 };
    this.#counts.set(key, count);
    return count;
  }
}
