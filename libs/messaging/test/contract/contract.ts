import { afterAll, beforeAll, describe } from "vitest";
import { describeCommits } from "./commit.contract.ts";
import { describeDelivery } from "./delivery.contract.ts";
import type { ContractEndpoint } from "./endpoint.ts";
import { describeGround } from "./ground.contract.ts";
import { Notebook } from "./notebook.fixture.ts";
import { describeRecreations } from "./recreation.contract.ts";
import { describeSameIds } from "./same-id.contract.ts";
import { describeSubscribers } from "./subscriber.contract.ts";

/** The whole suite, on an endpoint of its own. The same tests everywhere: what they show on one holds on all. */
export function describeContract(name: string, open: () => Promise<ContractEndpoint>): void {
  describe(`the contract on ${name}`, () => {
    let endpoint: ContractEndpoint;
    let notebook: Notebook;
    beforeAll(async () => {
      endpoint = await open();
      notebook = new Notebook(endpoint);
    });
    afterAll(() => endpoint?.[Symbol.asyncDispose]());

    // Those that look into the queue come before those that fill it with news nobody reads.
    describeGround(() => notebook);
    describeSubscribers(() => notebook);
    describeSameIds(() => notebook);
    describeCommits(() => notebook);
    describeRecreations(() => notebook);
    describeDelivery(() => notebook);
  });
}
