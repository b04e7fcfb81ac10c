import type { RequestKeys } from "@doubleshot/aggregates";
import { atNextVersion } from "@doubleshot/aggregates";
import { ConcurrencyConflictError, OutboxAheadError } from "@doubleshot/messaging";
import type { BarSettings } from "../bar-settings.ts";
import { claim, type StartedTicket, type Ticket } from "../ticket/ticket.ts";
import type { TicketAggregates } from "../ticket/ticket-aggregates.ts";

/** A claim under a token that its barista has chosen, so that a repeated request finds it. */
export interface NamedClaim {
  readonly token: string;
  readonly leaseSeconds: number;
}

export type CommittedClaim =
  | { readonly outcome: "claimed"; readonly ticket: StartedTicket }
  /** The token has claimed this order before. */
  | { readonly outcome: "token-used"; readonly orderId: string }
  /** Another process was quicker. */
  | { readonly outcome: "lost" }
  /** The ticket does not wait any more, or no commit can change it. */
  | { readonly outcome: "skipped" };

export interface CommitClaimOptions {
  readonly tickets: TicketAggregates;
  readonly requestKeys: RequestKeys;
  readonly bar: BarSettings;
  /** Called for a ticket that no commit can change, because the outbox has later versions of it. */
  readonly onStuck: (ticketId: string, error: OutboxAheadError) => void;
}

/** The token's key in the table of requests. */
export const claimKeyOf = (token: string): string => `claim#${token}`;

/** Claims a ticket as the line showed it, together with the token that makes the claim repeatable. */
export class CommitClaim {
  readonly #options: CommitClaimOptions;

  constructor(options: CommitClaimOptions) {
    this.#options = options;
  }

  async commit(ticket: Ticket, named?: NamedClaim): Promise<CommittedClaim> {
    const { tickets, requestKeys, bar, onStuck } = this.#options;
    const now = bar.now();
    const unnamed = { token: crypto.randomUUID(), leaseSeconds: bar.leaseSeconds };
    const decision = claim(ticket, { ...unnamed, ...named, now });
    if (decision.outcome === "not-waiting") return { outcome: "skipped" };
    const bound = { result: { orderId: ticket.id }, now };
    const guarded = named && { token: requestKeys.bind(claimKeyOf(named.token), bound) };
    try {
      const result = await tickets.commit(decision, guarded && { guarded });
      if (result.outcome === "refused") return { outcome: "token-used", orderId: String(result.found?.orderId) };
      return { outcome: "claimed", ticket: atNextVersion(decision.state) };
    } catch (error) {
      if (error instanceof OutboxAheadError) {
        onStuck(ticket.id, error);
        return { outcome: "skipped" };
      }
      if (error instanceof ConcurrencyConflictError) return { outcome: "lost" };
      throw error;
    }
  }
}
