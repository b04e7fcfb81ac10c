import type { Order } from "./order.ts";

/** A failure that the barista deals with: for a log. */
export interface Trouble {
  /**
   * - `bar`: the bar did not answer, or answered with a 5xx or without JSON. The call is repeated.
   * - `brew`: `brew` threw, or returned a value that JSON cannot hold (`ResultNotJsonError` names the place). The order is
   *   given back.
   * - `lost`: the claim was over before the order was finished. `error` is a `ClaimLostError`.
   * - `refused`: the bar refused a claim or a result, such as one over 16 KB, and would refuse it again. An order in hand is
   *   given back.
   */
  readonly kind: "bar" | "brew" | "lost" | "refused";
  readonly error: unknown;
  readonly order?: Order;
}

/** Callbacks about the work of a barista. One that throws or rejects changes nothing: Node.js prints its error as a warning. */
export interface BaristaEvents {
  taken?(order: Order): void;
  /** Called before the first attempt to report the order as finished. */
  finishing?(order: Order): void;
  finished?(order: Order): void;
  trouble?(trouble: Trouble): void;
}

/** The callbacks, each safe to call. */
export function safeEvents(events: BaristaEvents): Required<BaristaEvents> {
  return {
    taken: (order) => void warnOnFailure(() => events.taken?.(order)),
    finishing: (order) => void warnOnFailure(() => events.finishing?.(order)),
    finished: (order) => void warnOnFailure(() => events.finished?.(order)),
    trouble: (trouble) => void warnOnFailure(() => events.trouble?.(trouble)),
  };
}

async function warnOnFailure(call: () => unknown): Promise<void> {
  try {
    await call();
  } catch (error) {
    process.emitWarning(error instanceof Error ? error : String(error));
  }
}
