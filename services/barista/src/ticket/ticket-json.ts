import { brewResult, instant, orderId, orderItem } from "@doubleshot/contracts";
import { z } from "zod";
import type { FinishedTicket, StartedTicket, Ticket } from "./ticket.ts";

const order = {
  order_id: orderId,
  items: z.array(orderItem),
  name: z.string().exactOptional(),
  placed_at: instant,
};

/** A claimed ticket. `claim_token` names the claim; after `lease_expires_at` another barista may get the order. */
export const claimedTicketJson = z
  .object({
    ...order,
    status: z.literal("STARTED"),
    started_at: instant,
    claim_token: z.string(),
    lease_expires_at: instant,
  })
  .meta({ id: "ClaimedTicket" });

export const finishedTicketJson = z
  .object({
    ...order,
    status: z.literal("FINISHED"),
    started_at: instant,
    finished_at: instant,
    result: brewResult.exactOptional(),
  })
  .meta({ id: "FinishedTicket" });

/** A ticket for any caller: without the claim's token, which only its barista knows, and the result, which is the customer's. */
export const boardTicketJson = z
  .discriminatedUnion("status", [
    z.object({ ...order, version: z.int(), status: z.literal("QUEUED"), turn: z.int(), queued_at: instant }),
    z.object({
      ...order,
      version: z.int(),
      status: z.literal("STARTED"),
      turn: z.int(),
      queued_at: instant,
      started_at: instant,
      lease_expires_at: instant,
    }),
    z.object({
      ...order,
      version: z.int(),
      status: z.literal("FINISHED"),
      turn: z.int(),
      queued_at: instant,
      started_at: instant,
      finished_at: instant,
    }),
    z.object({ order_id: orderId, version: z.int(), status: z.literal("VOIDED"), voided_at: instant }),
  ])
  .meta({ id: "BoardTicket" });

export function claimedTicket(ticket: StartedTicket): z.infer<typeof claimedTicketJson> {
  return {
    ...orderJson(ticket),
    status: ticket.status,
    started_at: ticket.claim.startedAt,
    claim_token: ticket.claim.token,
    lease_expires_at: ticket.claim.leaseExpiresAt,
  };
}

export function finishedTicket(ticket: FinishedTicket): z.infer<typeof finishedTicketJson> {
  return {
    ...orderJson(ticket),
    status: ticket.status,
    started_at: ticket.startedAt,
    finished_at: ticket.finishedAt,
    ...(ticket.result === undefined ? {} : { result: ticket.result }),
  };
}

function orderJson({ id, items, name, placedAt }: Exclude<Ticket, { status: "VOIDED" }>) {
  return { order_id: id, items: [...items], ...(name === undefined ? {} : { name }), placed_at: placedAt };
}

export function boardTicket(ticket: Ticket): z.infer<typeof boardTicketJson> {
  const { id, version, status } = ticket;
  if (status === "VOIDED") return { order_id: id, version, status, voided_at: ticket.voidedAt };
  const shown = { ...orderJson(ticket), version, turn: ticket.turn, queued_at: ticket.queuedAt };
  switch (status) {
    case "QUEUED":
      return { ...shown, status };
    case "STARTED": {
      const { startedAt, leaseExpiresAt } = ticket.claim;
      return { ...shown, status, started_at: startedAt, lease_expires_at: leaseExpiresAt };
    }
    case "FINISHED":
      return { ...shown, status, started_at: ticket.startedAt, finished_at: ticket.finishedAt };
  }
}
