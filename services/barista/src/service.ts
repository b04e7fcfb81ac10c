import type { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { RequestKeys } from "@doubleshot/aggregates";
import type { OutboxAheadError } from "@doubleshot/messaging";
import { type BindingInput, classBinder, defineService, type Get, host, token } from "@doubleshot/service-host";
import type { Logger } from "@doubleshot/service-kit";
import { Hints } from "@doubleshot/waiting";
import { ContainerModule } from "inversify";
import type { BarSettings } from "./bar-settings.ts";
import { measureBar } from "./barista-metrics.ts";
import { Board } from "./board/board.ts";
import { ListTickets } from "./board/list-tickets.ts";
import { QueuePositions } from "./board/queue-positions.ts";
import { AssignTickets } from "./claims/assign-tickets.ts";
import { ClaimWithToken } from "./claims/claim-with-token.ts";
import { CommitClaim } from "./claims/commit-claim.ts";
import { ExtendClaim } from "./claims/extend-claim.ts";
import { ReleaseClaim } from "./claims/release-claim.ts";
import { ReturnLapsedTickets } from "./claims/return-lapsed-tickets.ts";
import { baristaConfig } from "./config.ts";
import { AnswerWithClaim } from "./http/answer-with-claim.ts";
import { boardApi, maxStreams } from "./http/board-routes.ts";
import { claimsApi } from "./http/claims-routes.ts";
import { orderMembers } from "./http/order-problem-members.ts";
import { queuePositionApi } from "./http/queue-position-routes.ts";
import { startFinishApi } from "./http/start-finish-routes.ts";
import { FinishTicket } from "./ticket/finish-ticket.ts";
import { hintOtherInstances } from "./ticket/hint-other-instances.ts";
import { queueTicket } from "./ticket/queue-ticket.ts";
import { TicketAggregates } from "./ticket/ticket-aggregates.ts";
import { TicketNotifier } from "./ticket/ticket-notifier.ts";
import { DynamoTicketStore, TicketStore } from "./ticket/ticket-store.ts";
import { voidTicket } from "./ticket/void-ticket.ts";

export const bar = token<BarSettings>("bar");
const onStuck = token<(ticketId: string, error: OutboxAheadError) => void>("log of stuck tickets");

type Input = BindingInput<typeof baristaConfig>;

/** The baristas' side: queues a ticket for each order, hands tickets to baristas, and shows the board. */
export const baristaService = defineService({
  config: baristaConfig,
  modules: (input) => [ticketBindings(input), claimBindings(input), boardBindings()],
  subscriptions: (get) => {
    const parts = [get(TicketAggregates), get(bar)] as const;
    return [queueTicket(...parts), voidTicket(...parts)];
  },
  http: (get) => ({
    title: "Doubleshot: the bar",
    version: "1",
    description: "The baristas' side of the shop: take an order, brew it, say that it is ready; and the board.",
    apis: apis(get),
    problemMembers: orderMembers,
  }),
  maxLongRequests: ({ MAX_WAITING }) => MAX_WAITING + maxStreams,
  hooks: (get) => {
    // These two have no caller: they listen to the changes of tickets.
    hintOtherInstances(get(TicketNotifier), get(Hints));
    measureBar(get(host.metrics), {
      store: get(TicketStore),
      bar: get(bar),
      notifier: get(TicketNotifier),
      claims: get(AssignTickets),
      board: get(Board),
    });
    return {
      onHints: (hints) => get(TicketNotifier).hinted(hints),
      onClosing: () => get(AssignTickets).close(),
      onDraining: () => get(Board).close(),
      onDrained: () => get(AnswerWithClaim).settled(),
    };
  },
});

/** Tickets: their rows, and the use cases that change one of them. */
function ticketBindings({ config, table }: Input): ContainerModule {
  return new ContainerModule(({ bind }) => {
    const { bindClass, bindWithOptions } = classBinder(bind);
    bind(bar).toConstantValue({ name: config.BAR, leaseSeconds: config.LEASE_SECONDS, now: () => new Date() });
    bind(TicketStore).toResolvedValue(
      (client: DynamoDBDocumentClient, log: Logger) =>
        new DynamoTicketStore(client, table("barista"), ({ id, reason }) =>
          log.error({ err: reason, orderId: id }, "a ticket cannot be read and is skipped: correct its row"),
        ),
      [host.documents, host.log],
    );
    bindClass(TicketNotifier, []);
    bindWithOptions(TicketAggregates, { outbox: host.outbox, store: TicketStore, notifier: TicketNotifier });
    bindClass(FinishTicket, [TicketAggregates, bar]);
  });
}

/** Claims: baristas that ask for a ticket, and instances that notify each other of new ones. */
function claimBindings({ config, table }: Input): ContainerModule {
  return new ContainerModule(({ bind }) => {
    const { bindClass, bindWithOptions } = classBinder(bind);
    bind(RequestKeys).toResolvedValue(
      (client: DynamoDBDocumentClient) => new RequestKeys(client, table("barista-requests")),
      [host.documents],
    );
    bindClass(ReturnLapsedTickets, [TicketAggregates, TicketStore, bar]);
    bind(onStuck).toResolvedValue(
      (log: Logger) => (orderId: string, error: OutboxAheadError) =>
        log.error({ err: error, orderId }, "a ticket is skipped: raise its version, see docs/operations.md"),
      [host.log],
    );
    bindWithOptions(CommitClaim, { tickets: TicketAggregates, requestKeys: RequestKeys, bar, onStuck });
    bindWithOptions(
      AssignTickets,
      {
        store: TicketStore,
        commitClaim: CommitClaim,
        returnLapsed: ReturnLapsedTickets,
        bar,
        notifier: TicketNotifier,
        log: host.log,
      },
      { maxBaristas: config.MAX_WAITING },
    );
    bindClass(ClaimWithToken, [AssignTickets, RequestKeys, TicketStore]);
    bindClass(ExtendClaim, [TicketAggregates, bar]);
    bindClass(ReleaseClaim, [TicketAggregates]);
    bindClass(AnswerWithClaim, [AssignTickets, ReleaseClaim, host.log]);
  });
}

/** The board: open tickets and those that were just done. */
function boardBindings(): ContainerModule {
  return new ContainerModule(({ bind }) => {
    const { bindClass, bindWithOptions } = classBinder(bind);
    bindClass(ListTickets, [TicketStore, bar]);
    bindClass(QueuePositions, [TicketStore, bar]);
    bindWithOptions(Board, { store: TicketStore, bar, notifier: TicketNotifier, log: host.log });
  });
}

function apis(get: Get) {
  const finishes = get(FinishTicket);
  return [
    startFinishApi({ finishes, answerWithClaim: get(AnswerWithClaim) }),
    claimsApi({ takes: get(ClaimWithToken), finishes, extends: get(ExtendClaim), releases: get(ReleaseClaim) }),
    boardApi({ lists: get(ListTickets), board: get(Board) }),
    queuePositionApi(get(QueuePositions)),
  ];
}
