import type { Api, DocumentOptions } from "@doubleshot/service-kit";
import type { Container } from "inversify";
import { Board } from "../board/board.ts";
import { ListTickets } from "../board/list-tickets.ts";
import { ExtendClaim } from "../claims/extend-claim.ts";
import { ReleaseClaim } from "../claims/release-claim.ts";
import { TakeClaim } from "../claims/take-claim.ts";
import { FinishTicket } from "../ticket/finish-ticket.ts";
import { barApi } from "./bar-api.ts";
import { boardApi } from "./board-api.ts";
import { claimsApi } from "./claims-api.ts";
import type { HandOver } from "./hand-over.ts";
import { orderMembers } from "./order-members.ts";

interface BarDocument extends DocumentOptions {
  readonly apis: readonly Api[];
}

/** Everything that the bar does over HTTP. */
export function barDocument(container: Container, handOver: HandOver): BarDocument {
  const finishes = container.get(FinishTicket);
  return {
    title: "Doubleshot: the bar",
    version: "1",
    description: "The baristas' side of the shop: take an order, brew it, say that it is ready; and the board.",
    problemMembers: orderMembers,
    apis: [
      barApi({ finishes, handOver }),
      claimsApi({
        takes: container.get(TakeClaim),
        finishes,
        extends: container.get(ExtendClaim),
        releases: container.get(ReleaseClaim),
      }),
      boardApi({ lists: container.get(ListTickets), board: container.get(Board) }),
    ],
  };
}
