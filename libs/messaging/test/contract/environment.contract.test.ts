import { readFile } from "node:fs/promises";
import { DeleteTableCommand, DescribeTableCommand } from "@aws-sdk/client-dynamodb";
import { DeleteTopicCommand } from "@aws-sdk/client-sns";
import { DeleteQueueCommand } from "@aws-sdk/client-sqs";
import {
  type AwsClients,
  createAwsClients,
  physicalName,
  provision,
  queueUrl,
  type Topology,
  topicArn,
} from "@doubleshot/topology";
import { createLambdaClient, deployRelays } from "@doubleshot/topology/functions";
import { relay } from "../../src/index.ts";
import { describeContract } from "./contract.ts";
import type { ContractEndpoint } from "./endpoint.ts";
import { pumpStream } from "./stream-pump.fixture.ts";
import { topology as contract } from "./topology.fixture.ts";

const { ENDPOINT_SHOPS = "contract", RELAY_BUNDLE: bundle } = process.env;
const shop = `${ENDPOINT_SHOPS}-${Date.now().toString(36)}`;

/** The relay's function needs a table for parked events. */
const topology = {
  ...contract,
  tables: { ...contract.tables, "notes-parked": { key: contract.tables["notes-outbox"].key } },
  mappings: { "notes-outbox-relay": { ...contract.mappings["notes-outbox-relay"], parked: "notes-parked" } },
} as const satisfies Topology;

describeContract("the endpoint that the environment names", open);

async function open(): Promise<ContractEndpoint> {
  const clients = createAwsClients();
  await provision({ topology, shop, clients });
  const tables = {
    notes: physicalName(shop, "notes"),
    outbox: physicalName(shop, "notes-outbox"),
    inbox: physicalName(shop, "notes-inbox"),
  };
  const arn = await topicArn(clients, shop, "notes-events.fifo");
  const relayRun = bundle ? await deploy(clients, bundle) : await pump(clients, tables.outbox, arn);
  const allClients = new Set([clients]);
  return {
    newClients: () => {
      const another = createAwsClients();
      allClients.add(another);
      return { ...another, sqs: another.longPolls };
    },
    tables,
    topicArn: arn,
    queueUrl: await queueUrl(clients, shop, "readers.fifo"),
    [Symbol.asyncDispose]: async () => {
      await relayRun[Symbol.asyncDispose]();
      await remove(clients, arn);
      for (const each of allClients) each.destroy();
    },
  };
}

/**
 * Deploys the relay as a function of the endpoint. Nothing here deletes the function: `tests/localstack/main.ts` sets RELAY_BUNDLE
 * and removes every resource with its prefix.
 */
async function deploy(clients: AwsClients, file: string): Promise<AsyncDisposable> {
  const lambda = createLambdaClient();
  await deployRelays({ topology, shop, clients, lambda, modules: { "handler.mjs": await readFile(file) } });
  return { [Symbol.asyncDispose]: async () => lambda.destroy() };
}

/** Runs the relay in this process, for endpoints without functions. */
async function pump(clients: AwsClients, outbox: string, arn: string): Promise<AsyncDisposable> {
  const { Table } = await clients.dynamodb.send(new DescribeTableCommand({ TableName: outbox }));
  const stop = new AbortController();
  const pumping = pumpStream({
    streams: clients.streams,
    streamArn: Table?.LatestStreamArn ?? "",
    handler: relay({ client: clients.sns, topicArn: arn, source: "/notes" }),
    signal: stop.signal,
    log: (line) => process.stderr.write(`${line}\n`),
  });
  return {
    [Symbol.asyncDispose]: () => {
      stop.abort();
      return pumping;
    },
  };
}

async function remove(clients: AwsClients, TopicArn: string): Promise<void> {
  await clients.sns.send(new DeleteTopicCommand({ TopicArn }));
  for (const name of Object.keys(topology.queues)) {
    await clients.sqs.send(new DeleteQueueCommand({ QueueUrl: await queueUrl(clients, shop, name) }));
  }
  for (const name of Object.keys(topology.tables)) {
    await clients.dynamodb.send(new DeleteTableCommand({ TableName: physicalName(shop, name) }));
  }
}
