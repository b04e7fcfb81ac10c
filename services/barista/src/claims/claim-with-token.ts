import type { RequestKeys } from "@doubleshot/aggregates";
import type { StartedTicket } from "../ticket/ticket.ts";
import type { TicketStore } from "../ticket/ticket-store.ts";
import type { AssignTickets } from "./assign-tickets.ts";
import { claimKeyOf, type NamedClaim } from "./commit-claim.ts";
import type { Claimed, ClaimRequest } from "./waiting-baristas.ts";

/** The token names the claim: a repeated request has the same one, and no other barista may have it. */
export interface ClaimWithTokenRequest extends Omit<ClaimRequest, "as">, NamedClaim {
  /** Called with the order of the token's claim once it is known, before its ticket is read. */
  readonly onOrder?: (orderId: string) => void;
}

export type Taken =
  | { readonly outcome: "claimed"; readonly ticket: StartedTicket }
  | Extract<Claimed, { readonly outcome: "nothing" | "turned-away" }>
  /** The token has had its claim, and that claim holds no ticket any more. */
  | { readonly outcome: "over" };

/**
 * Claims a ticket under the barista's own token. A repeated request, after a lost answer or a restart, returns the same
 * claim for as long as it holds its ticket. So no claim needs to be released because its barista has gone.
 */
export class ClaimWithToken {
  readonly #claims: AssignTickets;
  readonly #requestKeys: RequestKeys;
  readonly #store: TicketStore;

  constructor(claims: AssignTickets, requestKeys: RequestKeys, store: TicketStore) {
    this.#claims = claims;
    this.#requestKeys = requestKeys;
    this.#store = store;
  }

  async take({ token, leaseSeconds, onOrder, ...request }: ClaimWithTokenRequest): Promise<Taken> {
    // First, because a repeated request must not wait for a ticket while it has one.
    const before = await this.#requestKeys.find(claimKeyOf(token));
    if (before !== undefined) return this.#again(token, String(before.orderId), onOrder);
    const claimed = await this.#claims.claim({ ...request, as: { token, leaseSeconds } });
    return claimed.outcome === "token-used" ? this.#again(token, claimed.orderId, onOrder) : claimed;
  }

  async #again(token: string, orderId: string, onOrder: ClaimWithTokenRequest["onOrder"]): Promise<Taken> {
    onOrder?.(orderId);
    const ticket = await this.#store.get(orderId);
    if (ticket?.status === "STARTED" && ticket.claim.token === token) return { outcome: "claimed", ticket };
    return { outcome: "over" };
  }
}
