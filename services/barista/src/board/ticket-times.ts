import type { Ticket } from "../ticket/ticket.ts";

export function isDone({ status }: Ticket): boolean {
  return status === "FINISHED" || status === "VOIDED";
}

/** When the ticket got its status, in epoch milliseconds; for one that went back to the line, when it was queued first. */
export function changedAt(ticket: Ticket): number {
  switch (ticket.status) {
    case "QUEUED":
      return Date.parse(ticket.queuedAt);
    case "STARTED":
      return Date.parse(ticket.claim.startedAt);
    case "FINISHED":
      return Date.parse(ticket.finishedAt);
    case "VOIDED":
      return Date.parse(ticket.voidedAt);
  }
}

/** The time at which a ticket went back to the line is not stored, so it counts as any time. */
export function mayHaveChangedAfter(ticket: Ticket, time: number): boolean {
  return (ticket.status === "QUEUED" && ticket.version > 1) || changedAt(ticket) >= time;
}
