import { Hints } from "@doubleshot/hints";
import { createLogger } from "@doubleshot/service-kit";
import { createAwsClients } from "@doubleshot/topology";
import { Container } from "inversify";
import { expect, test } from "vitest";
import { baristaModule, tokens } from "./barista.module.ts";
import { Board } from "./board.ts";
import { ClaimRequests } from "./claim-requests.ts";
import { ClaimTicket } from "./claim-ticket.ts";
import { ExtendClaim } from "./extend-claim.ts";
import { FinishTicket } from "./finish-ticket.ts";
import { ListTickets } from "./list-tickets.ts";
import { ReleaseClaim } from "./release-claim.ts";
import { ReturnLapsed } from "./return-lapsed.ts";
import { TakeClaim } from "./take-claim.ts";
import { TicketNews } from "./ticket-news.ts";
import { TicketStore } from "./ticket-store.ts";

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
