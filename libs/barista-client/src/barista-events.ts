import type { Order } from "./order.ts";

/** A failure that the barista deals with: for a log. */
export interface Trouble {
  /**
   * `bar`: no answer, or one that makes no sense; asked again. `brew`: `brew` threw, or returned a value that JSON cannot hold (`ResultNotJsonError` says where); the order was given back.
   * `lost`: the claim was over before the order was; somebody else has it. `refused`: the bar does not take what we say,
   * a result that is too large for instance, and would not take it again; an order in hand was given back.
   */
  readonly kind: "bar" | "brew" | "lost" | "refused";
  readonly error: unknown;
  readonly order?: Order;
}

/** Callbacks about the work of a barista, called as it happens. None of these may throw. */
export interface BaristaEvents {
  taken?(order: Order): void;
  /** The first attempt to say that the order is finished is about to be made. */
  finishing?(order: Order): void;
  finished?(order: Order): void;
  trouble?(trouble: Trouble): void;
}
