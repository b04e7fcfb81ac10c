import { relay } from "../../src/index.ts";
import { FakeAws, FakeFunction, hostStream } from "../../src/testing/index.ts";
import { describeContract } from "./contract.ts";
import type { ContractEndpoint } from "./endpoint.ts";
import { topology } from "./topology.fixture.ts";

describeContract("the fake", async (): Promise<ContractEndpoint> => {
  const { tables, queues, subscriptions } = topology;
  const aws = new FakeAws({ tables, queues, subscriptions, topics: Object.keys(topology.topics) });
  const topicArn = aws.topicArn("notes-events.fifo");
  const stop = new AbortController();
  hostStream({
    stream: aws.stream("notes-outbox"),
    clock: aws.process("lambda").clock,
    faults: aws.faults,
    eventNames: ["INSERT"],
    signal: stop.signal,
    function: new FakeFunction({
      name: "relay",
      time: aws.time,
      faults: aws.faults,
      newProcess: (name) => aws.process(name),
      load: (process) => relay({ client: aws.clients(process).sns, topicArn, source: "/notes" }),
    }),
  });
  return {
    newClients: () => aws.clients(),
    tables: { notes: "notes", outbox: "notes-outbox", inbox: "notes-inbox" },
    topicArn,
    queueUrl: aws.queueUrl("readers.fifo"),
    [Symbol.asyncDispose]: async () => stop.abort(),
  };
});
