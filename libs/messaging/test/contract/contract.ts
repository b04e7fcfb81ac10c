import { afterAll, beforeAll, describe } from "vitest";
import { describeExpressions, describeQueues, describeTransactions } from "./aws-behaviour.contract.ts";
import { describeCommits, describeLostAnswers, describeRefusedCommits } from "./commit.contract.ts";
import { describeDelivery, describeStops } from "./delivery.contract.ts";
import type { ContractEndpoint } from "./endpoint.ts";
import { NotesService } from "./notes-service.fixture.ts";
import {
  describeOutboxAhead,
  describeRacingRecreations,
  describeRaisedVersions,
  describeRecreations,
} from "./recreation.contract.ts";
import {
  describeEarlierInboxRows,
  describeMarkerLikeIds,
  describeSameIds,
  describeSharedRows,
} from "./same-id.contract.ts";
import { describeSubscribers } from "./subscriber.contract.ts";

/** The tests that receive from the queue come first, because later tests fill it with events that no test receives. */
const parts = [
  describeTransactions,
  describeExpressions,
  describeQueues,
  describeSubscribers,
  describeSameIds,
  describeSharedRows,
  describeEarlierInboxRows,
  describeMarkerLikeIds,
  describeCommits,
  describeRefusedCommits,
  describeLostAnswers,
  describeOutboxAhead,
  describeRaisedVersions,
  describeRecreations,
  describeRacingRecreations,
  describeDelivery,
  describeStops,
];

/** The whole suite, on an endpoint of its own. All endpoints pass the same tests, so a result on one holds on the others. */
export function describeContract(name: string, open: () => Promise<ContractEndpoint>): void {
  describe(`the contract on ${name}`, () => {
    let endpoint: ContractEndpoint;
    let service: NotesService;
    beforeAll(async () => {
      endpoint = await open();
      service = new NotesService(endpoint);
    });
    afterAll(() => endpoint?.[Symbol.asyncDispose]());

    for (const describePart of parts) describePart(() => service);
  });
}
