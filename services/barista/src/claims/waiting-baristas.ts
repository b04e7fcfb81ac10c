import { AsyncLocalStorage } from "node:async_hooks";
import type { StartedTicket } from "../ticket/ticket.ts";
import type { NamedClaim } from "./commit-claim.ts";

/** How a request for a ticket ended. */
export type Claimed =
  | { readonly outcome: "claimed"; readonly ticket: StartedTicket }
  /** There was no ticket for as long as the barista waited. */
  | { readonly outcome: "nothing" }
  /** The process is closing, or other callers have the places. */
  | { readonly outcome: "turned-away"; readonly reason: "closing" | "crowded-out" }
  /** This token has claimed that order before. */
  | { readonly outcome: "token-used"; readonly orderId: string };

export const crowdedOut: Claimed = { outcome: "turned-away", reason: "crowded-out" };

export interface ClaimRequest {
  /** Aborts when the barista has gone: no claim is made for it any more. */
  readonly gone: AbortSignal;
  /** The caller's id: places to wait are shared among callers. Default: one caller for all. */
  readonly caller?: string;
  /** Milliseconds to wait for a ticket. Default 0. */
  readonly waitMs?: number;
  /** The claim to make. Default: a new token, and the bar's lease. */
  readonly as?: NamedClaim;
}

/** A barista's request for a ticket, until it is answered. */
export class PendingClaim {
  readonly request: ClaimRequest;
  /** On the clock of `performance.now()`: a wait counts from the request, not from its first round. */
  readonly deadline: number;
  readonly claimed: Promise<Claimed>;
  readonly answer: (claimed: Claimed) => void;
  readonly fail: (error: unknown) => void;
  /** Runs work in the context of the request, whose ids its log lines, events and spans carry. One round serves many requests. */
  readonly inContext = AsyncLocalStorage.snapshot();
  isCrowdedOut = false;

  constructor(request: ClaimRequest) {
    const { promise, resolve, reject } = Promise.withResolvers<Claimed>();
    this.request = request;
    this.deadline = performance.now() + (request.waitMs ?? 0);
    this.claimed = promise;
    this.answer = resolve;
    this.fail = reject;
  }
}

/**
 * The baristas that found no ticket and wait for one. A barista leaves when:
 * - a round takes it, to try again
 * - its time is up, or it has gone: it is answered with `nothing`
 * - another caller takes its place: it is answered with `crowded-out`
 * - the process closes: it is answered with `nothing`
 */
export class WaitingBaristas {
  /** Each with the function that ends its timer and listener. */
  readonly #waiting = new Map<PendingClaim, () => void>();
  #isClosed = false;

  get size(): number {
    return this.#waiting.size;
  }

  /** Lets the barista wait, unless its wait is over already. */
  add(barista: PendingClaim): void {
    const { gone } = barista.request;
    const leftMs = barista.deadline - performance.now();
    if (barista.isCrowdedOut || this.#isClosed || gone.aborted || leftMs <= 0) {
      barista.answer(barista.isCrowdedOut ? crowdedOut : { outcome: "nothing" });
      return;
    }
    const leave = () => {
      this.#remove(barista);
      barista.answer({ outcome: "nothing" });
    };
    const timer = setTimeout(leave, leftMs);
    gone.addEventListener("abort", leave, { once: true });
    this.#waiting.set(barista, () => {
      clearTimeout(timer);
      gone.removeEventListener("abort", leave);
    });
  }

  /** Ends the wait for another caller, or keeps it from starting. A claim that is being made is still answered. */
  crowdOut(barista: PendingClaim): void {
    barista.isCrowdedOut = true;
    if (!this.#waiting.has(barista)) return;
    this.#remove(barista);
    barista.answer(crowdedOut);
  }

  /** Removes all baristas, and returns them, the longest-waiting first. */
  takeAll(): PendingClaim[] {
    const baristas = [...this.#waiting.keys()];
    for (const barista of baristas) this.#remove(barista);
    return baristas;
  }

  /** Ends all waits, and all that start from now on. */
  close(): void {
    this.#isClosed = true;
    for (const barista of this.takeAll()) barista.answer({ outcome: "nothing" });
  }

  #remove(barista: PendingClaim): void {
    this.#waiting.get(barista)?.();
    this.#waiting.delete(barista);
  }
}
