import { createLogger } from "@doubleshot/service-kit";
import { createAwsClients } from "@doubleshot/topology";
import { Hints } from "@doubleshot/waiting";
import { Container } from "inversify";
import { expect, test } from "vitest";
import { baristaModule, tokens } from "./barista.module.ts";
import { Board } from "./board/board.ts";
import { ListTickets } from "./board/list-tickets.ts";
import { ClaimRequests } from "./claims/claim-requests.ts";
import { ClaimTicket } from "./claims/claim-ticket.ts";
import { ExtendClaim } from "./claims/extend-claim.ts";
import { ReleaseClaim } from "./claims/release-claim.ts";
import { ReturnLapsed } from "./claims/return-lapsed.ts";
import { TakeClaim } from "./claims/take-claim.ts";
import { FinishTicket } from "./ticket/finish-ticket.ts";
import { TicketNews } from "./ticket/ticket-news.ts";
import { TicketStore } from "./ticket/ticket-store.ts";

const nowhere = "http://127.0.0.1:1";
const clients = createAwsClients({ endpoints: { dynamodb: nowhere, sns: nowhere, sqs: nowhere } });
const log = createLogger("barista", "silent");
const config = { SHOP: "doubleshot", BAR: "bar", MAX_WAITING: 100, LEASE_SECONDS: 600, HINTS: true };

test.each([
  ...Object.values(tokens),
  TicketStore,
  TicketNews,
  ClaimRequests,
  ClaimTicket,
  TakeClaim,
  ExtendClaim,
  ReleaseClaim,
  FinishTicket,
  ReturnLapsed,
  ListTickets,
  Board,
  Hints,
])("the module knows how to make %s, and makes one", (token) => {
  const container = new Container();
  container.load(baristaModule({ config, clients, log }));
  expect(container.get<unknown>(token)).toBe(container.get<unknown>(token));
});
