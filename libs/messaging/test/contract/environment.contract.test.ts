import { DeleteTableCommand, DescribeTableCommand } from "@aws-sdk/client-dynamodb";
import { DeleteTopicCommand } from "@aws-sdk/client-sns";
import { DeleteQueueCommand } from "@aws-sdk/client-sqs";
import { createAwsClients, physicalName, provision, queueUrl, topicArn } from "@doubleshot/topology";
import { test } from "vitest";
import { relay } from "../../src/index.ts";
import { describeContract } from "./contract.ts";
import type { ContractEndpoint } from "./endpoint.ts";
import { pumpStream } from "./stream-pump.fixture.ts";
import { topology } from "./topology.fixture.ts";

const shop = `contract-${Date.now().toString(36)}`;
const named = Object.keys(process.env).some((name) => name.startsWith("AWS_ENDPOINT_URL"));

if (named) describeContract("the endpoint that the environment names", open);
else test.skip("the contract on the endpoint that AWS_ENDPOINT_URL names: it names none", () => undefined);

async function open(): Promise<ContractEndpoint> {
  const clients = createAwsClients();
  await provision({ topology, shop, clients });
  const tables = {
    notes: physicalName(shop, "notes"),
    outbox: physicalName(shop, "notes-outbox"),
    inbox: physicalName(shop, "notes-inbox"),
  };
  const arn = await topicArn(clients, shop, "notes-events.fifo");
  const { Table } = await clients.dynamodb.send(new DescribeTableCommand({ TableName: tables.outbox }));
  const over = new AbortController();
  const pumping = pumpStream({
    streams: clients.streams,
    streamArn: Table?.LatestStreamArn ?? "",
    handler: relay({ client: clients.sns, topicArn: arn, source: "/notebook" }),
    signal: over.signal,
  });
  const made = new Set([clients]);
  return {
    newClients: () => {
      const more = createAwsClients();
      made.add(more);
      return { ...more, sqs: more.longPolls };
    },
    tables,
    topicArn: arn,
    queueUrl: await queueUrl(clients, shop, "readers.fifo"),
    [Symbol.asyncDispose]: async () => {
      over.abort();
      await pumping;
      await clients.sns.send(new DeleteTopicCommand({ TopicArn: arn }));
      for (const name of Object.keys(topology.queues)) {
        await clients.sqs.send(new DeleteQueueCommand({ QueueUrl: await queueUrl(clients, shop, name) }));
      }
      for (const TableName of Object.values(tables)) await clients.dynamodb.send(new DeleteTableCommand({ TableName }));
      for (const each of made) each.destroy();
    },
  };
}
