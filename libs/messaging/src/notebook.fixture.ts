import { type DynamoDBDocumentClient, GetCommand, ScanCommand } from "@aws-sdk/lib-dynamodb";
import { type FunctionSpec, startLocalAws } from "@doubleshot/local-aws";
import { physicalName, queueUrl, type Topology, topicArn } from "@doubleshot/topology";
import { Noted } from "./contract/notebook.fixture.ts";
import { topology as contract } from "./contract/topology.fixture.ts";
import { createOutbox, type Outbox, type OutboxOptions, relay } from "./index.ts";

export { Noted };

/** The notebook of the contract suite, with what only some endpoints have. */
const topology = {
  ...contract,
  tables: { ...contract.tables, "notes-parked": { key: contract.tables["notes-outbox"].key } },
  queues: { ...contract.queues, "readers-dead.fifo": { fifo: true } },
  buckets: { "notes-claims": { expireAfterDays: 35 } },
} as const satisfies Topology;

const shop = "test";
export const tables = {
  notes: physicalName(shop, "notes"),
  outbox: physicalName(shop, "notes-outbox"),
  inbox: physicalName(shop, "notes-inbox"),
  parked: physicalName(shop, "notes-parked"),
};

export const bucket = physicalName(shop, "notes-claims");

/** Opens the notebook on an embedded AWS of its own, with its relay running: in this process, or as another function. */
export async function openNotebook({ relayFunction }: { relayFunction?: FunctionSpec } = {}) {
  let handler: ReturnType<typeof relay> | undefined;
  const inProcess: FunctionSpec = {
    handler: (event, context) => handler?.(event, context) ?? Promise.reject(new Error("not deployed yet")),
  };
  const functions = { "notes-outbox-relay": relayFunction ?? inProcess };
  const aws = await startLocalAws({ shop, topology, functions });
  const { documents, sns } = aws.clients;
  handler = relay({
    client: sns,
    topicArn: await topicArn(aws.clients, shop, "notes-events.fifo"),
    source: "/notebook",
  });

  return {
    aws,
    documents,
    outbox: outboxOn(documents),
    queueUrl: await queueUrl(aws.clients, shop, "readers.fifo"),
    deadLetterUrl: await queueUrl(aws.clients, shop, "readers-dead.fifo"),
    note: async (id: string) =>
      item(await documents.send(new GetCommand({ ...consistently(tables.notes), Key: { id } }))),
    outboxRow: async (aggregate: string, version: number) =>
      item(await documents.send(new GetCommand({ ...consistently(tables.outbox), Key: { aggregate, version } }))),
    inboxRows: async () => (await documents.send(new ScanCommand(consistently(tables.inbox)))).Items ?? [],
    [Symbol.asyncDispose]: () => aws.close(),
  };
}

export type Notebook = Awaited<ReturnType<typeof openNotebook>>;

export function outboxOn(client: DynamoDBDocumentClient, options: Partial<OutboxOptions> = {}): Outbox {
  const { outbox, inbox } = tables;
  return createOutbox({ client, source: "/notebook", tables: { outbox, inbox }, ...options });
}

/** A commit of version `expected + 1` of a note. */
export function noting(id: string, text: string, expected = 0) {
  return {
    aggregate: `note#${id}`,
    save: { table: tables.notes, key: { id }, item: { text }, expected },
    events: [Noted({ text })],
  };
}

function consistently(TableName: string) {
  return { TableName, ConsistentRead: true };
}

function item({ Item }: { Item?: Record<string, unknown> | undefined }): Record<string, unknown> | undefined {
  return Item;
}
