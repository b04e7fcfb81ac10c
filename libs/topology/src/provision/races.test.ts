import { expect, onTestFinished, test } from "vitest";
import { type AwsClients, createAwsClients } from "../clients/aws-clients.ts";
import { useEndpoints } from "../endpoints.fixture.ts";
import type { Topology } from "../topology.ts";
import { twoServices } from "../two-services.fixture.ts";
import { provision } from "./provision.ts";

const aws = useEndpoints();

const ownClients = () => {
  const clients = createAwsClients({ endpoints: aws.endpoints });
  onTestFinished(() => clients.destroy());
  return clients;
};

/** Runs `meanwhile` once, before the first call of this name: after the run has read the state, and before it acts. */
function interject(
  { dynamodb, sns, sqs }: AwsClients,
  command: string,
  meanwhile: () => Promise<unknown>,
): () => number {
  let times = 0;
  type Call<Args, Answer> = (args: Args) => Promise<Answer>;
  const middleware =
    <Args, Answer>(next: Call<Args, Answer>, { commandName }: { commandName?: string }): Call<Args, Answer> =>
    async (args) => {
      if (commandName === command && times++ === 0) await meanwhile();
      return next(args);
    };
  dynamodb.middlewareStack.add(middleware, { step: "initialize" });
  sns.middlewareStack.add(middleware, { step: "initialize" });
  sqs.middlewareStack.add(middleware, { step: "initialize" });
  return () => times;
}

/** The tables without the parts that `provision` can add later. */
const bare: Topology = {
  ...twoServices,
  tables: Object.fromEntries(Object.entries(twoServices.tables).map(([name, { key }]) => [name, { key }])),
};
const nothing: Topology = { tables: {}, topics: {}, queues: {}, subscriptions: [], mappings: {} };

test.for([
  ["CreateTableCommand", nothing],
  ["UpdateTableCommand", bare],
  ["UpdateTimeToLiveCommand", bare],
  ["CreateTopicCommand", nothing],
  ["CreateQueueCommand", nothing],
  ["SetQueueAttributesCommand", nothing],
  ["SubscribeCommand", nothing],
] as const)("a run succeeds when another run does everything just before its %s", async ([command, before]) => {
  const shop = command.toLowerCase();
  await provision({ topology: before, shop, clients: ownClients() });
  const clients = ownClients();
  const other = () => provision({ topology: twoServices, shop, clients: ownClients() });
  const times = interject(clients, command, other);

  await provision({ topology: twoServices, shop, clients });

  expect(times()).toBeGreaterThan(0);
  const { parts } = await other();
  expect(parts.filter(({ state }) => state !== "there")).toEqual([]);
  expect(parts.filter(({ kind }) => kind === "subscription")).toHaveLength(2);
});
