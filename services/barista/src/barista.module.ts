import { createOutbox, type Outbox, type Subscriber, subscriber } from "@doubleshot/messaging";
import { prometheusMetrics } from "@doubleshot/messaging/prometheus";
import type { Logger, Registry } from "@doubleshot/service-kit";
import { type AwsClients, physicalName } from "@doubleshot/topology";
import { Hints, NoHints, QueueHints } from "@doubleshot/waiting";
import { ContainerModule, type ServiceIdentifier } from "inversify";
import type { Bar } from "./bar.ts";
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
import type { Config } from "./config.ts";
import { ChangeTicket } from "./ticket/change-ticket.ts";
import { FinishTicket } from "./ticket/finish-ticket.ts";
import { queueTicket } from "./ticket/queue-ticket.ts";
import { TicketNews } from "./ticket/ticket-news.ts";
import { DynamoTicketStore, TicketStore } from "./ticket/ticket-store.ts";
import { TicketsInHand } from "./ticket/tickets-in-hand.ts";
import { voidTicket } from "./ticket/void-ticket.ts";

/** What the container knows by a symbol, because there is no class to know it by. */
export const tokens = {
  bar: token<Bar>("Bar"),
  outbox: token<Outbox>("Outbox"),
  subscriber: token<Subscriber>("Subscriber"),
};

export interface Ground {
  readonly config: Pick<Config, "SHOP" | "BAR" | "LEASE_SECONDS" | "MAX_WAITING" | "HINTS">;
  readonly clients: Pick<AwsClients, "documents" | "sqs" | "longPolls">;
  readonly log: Logger;
  /** Where to count what the library counts. */
  readonly metrics?: Registry;
  readonly now?: () => Date;
  /** As `TellInstances` has it. */
  readonly headStart?: number;
}

/** The only place that knows who gets what. There is one of everything in a process: claims are served in turn there. */
export function baristaModule({
  config,
  clients,
  log,
  metrics,
  headStart,
  now = () => new Date(),
}: Ground): ContainerModule {
  const table = (name: string) => physicalName(config.SHOP, name);

  function hintsTo(news: TicketNews): Hints {
    return new QueueHints({
      clients,
      table: table("barista-instances"),
      queuePrefix: table("barista-hints-"),
      log,
      onHints: (told) => news.hinted(told),
    });
  }

  return new ContainerModule(({ bind }) => {
    const one = <T, Deps extends unknown[]>(made: new (...deps: Deps) => T, deps: Tokens<Deps>) =>
      bind<T>(made)
        .toResolvedValue<Deps>((...given) => new made(...given), deps)
        .inSingletonScope();

    bind(tokens.bar).toConstantValue({ name: config.BAR, leaseSeconds: config.LEASE_SECONDS, now });
    bind(tokens.outbox).toConstantValue(
      createOutbox({
        client: clients.documents,
        source: "/doubleshot/barista",
        tables: { outbox: table("barista-outbox"), inbox: table("barista-inbox") },
        ...(metrics && { metrics: prometheusMetrics(metrics) }),
      }),
    );
    bind(TicketStore).toConstantValue(
      new DynamoTicketStore(clients.documents, table("barista"), ({ id, reason }) =>
        log.error({ err: reason, orderId: id }, "a ticket cannot be read and is passed by: put its row right"),
      ),
    );
    bind(ClaimRequests).toConstantValue(new ClaimRequests(clients.documents, table("barista-requests")));
    one(TicketNews, []);
    one(ReturnLapsed, [TicketStore, tokens.outbox, tokens.bar, TicketNews]);
    bind(ClaimTicket)
      .toResolvedValue(
        (
          store: TicketStore,
          outbox: Outbox,
          requests: ClaimRequests,
          returnLapsed: ReturnLapsed,
          bar: Bar,
          news: TicketNews,
          hints: Hints,
        ) =>
          new ClaimTicket({
            ...{ store, outbox, requests, returnLapsed, bar, news },
            rivals: new Rivals(hints),
            most: config.MAX_WAITING,
            onStuck: (orderId, error) =>
              log.error({ err: error, orderId }, "a ticket is passed by: raise its version, see docs/operations.md"),
          }),
        [TicketStore, tokens.outbox, ClaimRequests, ReturnLapsed, tokens.bar, TicketNews, Hints],
      )
      .inSingletonScope();
    one(TakeClaim, [ClaimTicket, ClaimRequests, TicketStore]);
    one(TicketsInHand, [TicketNews]);
    one(ChangeTicket, [TicketStore, tokens.outbox, TicketNews, TicketsInHand]);
    one(ExtendClaim, [ChangeTicket, tokens.bar]);
    one(ReleaseClaim, [ChangeTicket]);
    one(FinishTicket, [ChangeTicket, tokens.bar]);
    one(ListTickets, [TicketStore, tokens.bar]);
    bind(Board)
      .toResolvedValue(
        (store: TicketStore, bar: Bar, news: TicketNews) => new Board({ store, bar, news, log }),
        [TicketStore, tokens.bar, TicketNews],
      )
      .inSingletonScope();
    bind(TellInstances)
      .toResolvedValue(
        (news: TicketNews, hints: Hints, claims: ClaimTicket) => new TellInstances(news, hints, claims, headStart),
        [TicketNews, Hints, ClaimTicket],
      )
      .inSingletonScope();
    bind(Hints)
      .toResolvedValue((news: TicketNews) => (config.HINTS ? hintsTo(news) : new NoHints()), [TicketNews])
      .inSingletonScope();
    bind(tokens.subscriber)
      .toResolvedValue(
        (outbox: Outbox, store: TicketStore, bar: Bar, news: TicketNews) =>
          subscriber("barista", outbox, [queueTicket(store, bar, news), voidTicket(store, bar, news)]),
        [tokens.outbox, TicketStore, tokens.bar, TicketNews],
      )
      .inSingletonScope();
  });
}

type Tokens<Deps extends unknown[]> = { [K in keyof Deps]-?: ServiceIdentifier<Deps[K]> };

function token<T>(name: string): ServiceIdentifier<T> {
  return Symbol(name);
}
