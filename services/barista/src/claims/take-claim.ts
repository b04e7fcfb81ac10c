import type { StartedTicket } from "../ticket/ticket.ts";
import type { TicketStore } from "../ticket/ticket-store.ts";
import type { ClaimRequests } from "./claim-requests.ts";
import type { ClaimTicket } from "./claim-ticket.ts";
import type { Claimed } from "./waiting-baristas.ts";

export interface TakeClaimAsk {
  /** Chosen by the barista, unlike any other: it names the claim, and a repetition of the request. */
  readonly token: string;
  readonly leaseSeconds: number;
  /** The caller's id. */
  readonly caller?: string;
  /** Milliseconds. */
  readonly wait: number;
  readonly signal: AbortSignal;
}

export type Taken =
  | { readonly outcome: "claimed"; readonly ticket: StartedTicket }
  | Extract<Claimed, { readonly outcome: "nothing" | "turned away" }>
  /** The token has had its claim, and that claim holds nothing any more. */
  | { readonly outcome: "over"; readonly orderId: string };

/**
 * Claims under the barista's own token. Asked again, because the answer got lost or the barista was restarted, it gives
 * the same claim again, for as long as that holds its ticket; so nothing has to be taken back from a barista who hung up.
 */
export class TakeClaim {
  readonly #claims: ClaimTicket;
  readonly #requests: ClaimRequests;
  readonly #store: TicketStore;

  constructor(claims: ClaimTicket, requests: ClaimRequests, store: TicketStore) {
    this.#claims = claims;
    this.#requests = requests;
    this.#store = store;
  }

  async take({ token, leaseSeconds, caller = "", wait, signal }: TakeClaimAsk): Promise<Taken> {
    // First, because a repetition must not wait for a ticket while it has one.
    const before = await this.#requests.orderOf(token);
    if (before !== undefined) return this.#again(token, before);
    const claimed = await this.#claims.claim({ as: { token, leaseSeconds }, caller, wait, signal });
    return claimed.outcome === "token used" ? this.#again(token, claimed.orderId) : claimed;
  }

  async #again(token: string, orderId: string): Promise<Taken> {
    const ticket = await this.#store.get(orderId);
    if (ticket?.status === "STARTED" && ticket.claim.token === token) return { outcome: "claimed", ticket };
    return { outcome: "over", orderId };
  }
}
