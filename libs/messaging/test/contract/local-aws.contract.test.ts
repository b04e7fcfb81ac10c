import { startLocalAws } from "@doubleshot/local-aws";
import { createAwsClients, physicalName, queueUrl, topicArn } from "@doubleshot/topology";
import { relay } from "../../src/index.ts";
import { describeContract } from "./contract.ts";
import type { ContractEndpoint } from "./endpoint.ts";
import { topology } from "./topology.fixture.ts";

const shop = "contract";

describeContract("the embedded AWS", async (): Promise<ContractEndpoint> => {
  let deployed: ReturnType<typeof relay> | undefined;
  const handler = (event: Parameters<ReturnType<typeof relay>>[0], context: Parameters<ReturnType<typeof relay>>[1]) =>
    deployed?.(event, context) ?? Promise.reject(new Error("not deployed yet"));
  const aws = await startLocalAws({ shop, topology, functions: { "notes-outbox-relay": { handler } } });
  const topic = await topicArn(aws.clients, shop, "notes-events.fifo");
  deployed = relay({ client: aws.clients.sns, topicArn: topic, source: "/notes" });
  const allClients = new Set<{ destroy(): void }>();
  return {
    newClients: () => {
      const clients = createAwsClients({ endpoints: aws.endpoints });
      allClients.add(clients);
      return { ...clients, sqs: clients.longPolls };
    },
    tables: {
      notes: physicalName(shop, "notes"),
      outbox: physicalName(shop, "notes-outbox"),
      inbox: physicalName(shop, "notes-inbox"),
    },
    topicArn: topic,
    queueUrl: await queueUrl(aws.clients, shop, "readers.fifo"),
    [Symbol.asyncDispose]: async () => {
      for (const clients of allClients) clients.destroy();
      await aws.close();
    },
  };
});
