import { callerOf, goneSignal, type Logger } from "@doubleshot/service-kit";
import type { Response } from "express";
import type { AssignTickets } from "../claims/assign-tickets.ts";
import type { ReleaseClaim } from "../claims/release-claim.ts";
import type { Claimed } from "../claims/waiting-baristas.ts";
import type { StartedTicket } from "../ticket/ticket.ts";
import { claimedTicket } from "../ticket/ticket-json.ts";
import { noPlace } from "./bar-problems.ts";

/**
 * Hands claimed tickets to their baristas. If the connection closes before the whole answer is out, the claim is released:
 * the ticket is back in line at once, not only when the lease ends. The lease covers answers that are lost later.
 */
export class AnswerWithClaim {
  readonly #claims: AssignTickets;
  readonly #releases: ReleaseClaim;
  readonly #log: Logger;
  readonly #underWay = new Set<Promise<void>>();

  constructor(claims: AssignTickets, releases: ReleaseClaim, log: Logger) {
    this.#claims = claims;
    this.#releases = releases;
    this.#log = log;
  }

  /** Answers with the next ticket, or with 204 if none comes within `waitMs`. Rejects if the claim fails. */
  async next(response: Response, waitMs: number): Promise<void> {
    const gone = goneSignal(response);
    await this.#track(
      this.#claims.claim({ gone, waitMs, caller: callerOf(response.req).id }).then((claimed) => {
        if (claimed.outcome === "turned-away") throw noPlace(claimed);
        const ticket = ticketOf(claimed);
        if (gone.aborted) this.#takeBack(ticket);
        else this.#answer(response, ticket);
      }),
    );
  }

  /** Resolves when no claim is being made or released any more, those of callers that have gone included. */
  async settled(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.allSettled(this.#underWay);
  }

  #answer(response: Response, ticket: StartedTicket | undefined): void {
    response.set("Cache-Control", "no-store");
    if (ticket === undefined) {
      response.status(204).end();
      return;
    }
    response.once("close", () => {
      if (!response.writableFinished) this.#takeBack(ticket);
    });
    // Not `json()`: it answers "If-None-Match: *" with 304, and the barista would not see its claim.
    response
      .status(200)
      .type("json")
      .end(JSON.stringify(claimedTicket(ticket)));
  }

  #takeBack(ticket: StartedTicket | undefined): void {
    if (ticket === undefined) return;
    const { id: orderId, claim } = ticket;
    void this.#track(
      this.#releases.release({ orderId, token: claim.token }).then(
        (outcome) =>
          this.#log.info({ orderId, outcome }, "the connection closed before the claim was sent; released the claim"),
        (error) => this.#log.warn({ err: error, orderId }, "a claim could not be released; its lease will end"),
      ),
    );
  }

  #track(work: Promise<void>): Promise<void> {
    const tracked = work.finally(() => this.#underWay.delete(tracked));
    this.#underWay.add(tracked);
    return tracked;
  }
}

/** `token-used` never comes here, because these callers choose no token. */
function ticketOf(claimed: Claimed): StartedTicket | undefined {
  return claimed.outcome === "claimed" ? claimed.ticket : undefined;
}
