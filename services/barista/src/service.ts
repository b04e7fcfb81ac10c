import type { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import type { OutboxAheadError } from "@doubleshot/messaging";
import { type BindingInput, classBinder, defineService, type Get, host, token } from "@doubleshot/service-host";
import type { Logger } from "@doubleshot/service-kit";
import { Hints } from "@doubleshot/waiting";
import { ContainerModule } from "inversify";
import type { Bar } from "./bar.ts";
import { measureBar } from "./bar-metrics.ts";
import { Board } from "./board/board.ts";
import { ListTickets } from "./board/list-tickets.ts";
import { ClaimRequests } from "./claims/claim-requests.ts";
import { ClaimTicket } from "./claims/claim-ticket.ts";
import { ExtendClaim } from "./claims/extend-claim.ts";
import { ReleaseClaim } from "./claims/release-claim.ts";
import { ReturnLapsed } from "./claims/return-lapsed.ts";
import { Rivals } from "./claims/rivals.ts";
import { TakeClaim } from "./claims/take-claim.ts";
import { TellInstances } from "./claims/tell-instances.ts";
import { baristaConfig } from "./config.ts";
import { barApi } from "./http/bar-api.ts";
import { boardApi } from "./http/board-api.ts";
import { claimsApi } from "./http/claims-api.ts";
import { HandOver } from "./http/hand-over.ts";
import { orderMembers } from "./http/order-members.ts";
import { ChangeTicket } from "./ticket/change-ticket.ts";
import { FinishTicket } from "./ticket/finish-ticket.ts";
import { queueTicket } from "./ticket/queue-ticket.ts";
import { TicketNews } from "./ticket/ticket-news.ts";
import { DynamoTicketStore, TicketStore } from "./ticket/ticket-store.ts";
import { TicketsInHand } from "./ticket/tickets-in-hand.ts";
import { voidTicket } from "./ticket/void-ticket.ts";

export const bar = token<Bar>("bar");
const onStuck = token<(ticketId: string, error: OutboxAheadError) => void>("log of stuck tickets");

type Input = BindingInput<typeof baristaConfig>;

/** The baristas' side: queues a ticket for each order, hands tickets to baristas, and shows the board. */
export const baristaService = defineService({
  config: baristaConfig,
  modules: (input) => [ticketBindings(input), claimBindings(input), boardBindings()],
  subscriptions: (get) => {
    const parts = [get(TicketStore), get(bar), get(TicketNews)] as const;
    return [queueTicket(...parts), voidTicket(...parts)];
  },
  http: (get) => ({
    title: "Doubleshot: the bar",
    version: "1",
    description: "The baristas' side of the shop: take an order, brew it, say that it is ready; and the board.",
    apis: apis(get),
    problemMembers: orderMembers,
  }),
  hooks: (get) => {
    // These two have no caller: they listen to the news of tickets.
    get(TellInstances);
    measureBar(get(host.metrics), {
      store: get(TicketStore),
      bar: get(bar),
      news: get(TicketNews),
      claims: get(ClaimTicket),
      board: get(Board),
    });
    return {
      onHints: (hints) => get(TicketNews).hinted(hints),
      onClosing: () => get(ClaimTicket).close(),
      onDraining: () => get(Board).close(),
      onDrained: () => get(HandOver).settled(),
    };
  },
});

/** Tickets: their rows, and the use cases that change one of them. */
function ticketBindings({ config, table }: Input): ContainerModule {
  return new ContainerModule(({ bind }) => {
    const { bindClass } = classBinder(bind);
    bind(bar).toConstantValue({ name: config.BAR, leaseSeconds: config.LEASE_SECONDS, now: () => new Date() });
    bind(TicketStore).toResolvedValue(
      (client: DynamoDBDocumentClient, log: Logger) =>
        new DynamoTicketStore(client, table("barista"), ({ id, reason }) =>
          log.error({ err: reason, orderId: id }, "a ticket cannot be read and is skipped: correct its row"),
        ),
      [host.documents, host.log],
    );
    bindClass(TicketNews, []);
    bindClass(TicketsInHand, [TicketNews]);
    bindClass(ChangeTicket, [TicketStore, host.outbox, TicketNews, TicketsInHand]);
    bindClass(FinishTicket, [ChangeTicket, bar]);
  });
}

/** Claims: baristas that ask for a ticket, and instances that notify each other of new ones. */
function claimBindings({ config, table }: Input): ContainerModule {
  return new ContainerModule(({ bind }) => {
    const { bindClass, bindWithOptions } = classBinder(bind);
    bind(ClaimRequests).toResolvedValue(
      (client: DynamoDBDocumentClient) => new ClaimRequests(client, table("barista-requests")),
      [host.documents],
    );
    bindClass(ReturnLapsed, [TicketStore, host.outbox, bar, TicketNews]);
    bindClass(Rivals, [Hints]);
    bind(onStuck).toResolvedValue(
      (log: Logger) => (orderId: string, error: OutboxAheadError) =>
        log.error({ err: error, orderId }, "a ticket is skipped: raise its version, see docs/operations.md"),
      [host.log],
    );
    bindWithOptions(
      ClaimTicket,
      {
        store: TicketStore,
        outbox: host.outbox,
        requests: ClaimRequests,
        returnLapsed: ReturnLapsed,
        bar,
        news: TicketNews,
        rivals: Rivals,
        onStuck,
      },
      { most: config.MAX_WAITING },
    );
    bindClass(TakeClaim, [ClaimTicket, ClaimRequests, TicketStore]);
    bindClass(ExtendClaim, [ChangeTicket, bar]);
    bindClass(ReleaseClaim, [ChangeTicket]);
    bindClass(HandOver, [ClaimTicket, ReleaseClaim, host.log]);
    bindClass(TellInstances, [TicketNews, Hints, ClaimTicket]);
  });
}

/** The board: open tickets and those that were just done. */
function boardBindings(): ContainerModule {
  return new ContainerModule(({ bind }) => {
    const { bindClass, bindWithOptions } = classBinder(bind);
    bindClass(ListTickets, [TicketStore, bar]);
    bindWithOptions(Board, { store: TicketStore, bar, news: TicketNews, log: host.log });
  });
}

function apis(get: Get) {
  const finishes = get(FinishTicket);
  return [
    barApi({ finishes, handOver: get(HandOver) }),
    claimsApi({ takes: get(TakeClaim), finishes, extends: get(ExtendClaim), releases: get(ReleaseClaim) }),
    boardApi({ lists: get(ListTickets), board: get(Board) }),
  ];
}
