import { createOutbox, defineEvent, type Outbox } from "@doubleshot/messaging";
import { type AwsClients, physicalName, queueUrl, type Topology, topicArn } from "@doubleshot/topology";

const outboxKey = { partition: { name: "aggregate", type: "S" }, sort: { name: "version", type: "N" } } as const;

/** What the library needs, with nothing subscribed to the topic: what the endpoint does behind it is not measured. */
export const topology = {
  tables: {
    notes: { key: { partition: { name: "id", type: "S" } } },
    "notes-outbox": { key: outboxKey, stream: "NEW_IMAGE" },
    "notes-parked": { key: outboxKey },
    "poisoned-parked": { key: outboxKey },
    "notes-inbox": { key: { partition: { name: "message", type: "S" } } },
  },
  topics: { "notes-events.fifo": { fifo: true } },
  queues: { "readers.fifo": { fifo: true }, "readers-dead.fifo": { fifo: true } },
  subscriptions: [],
  mappings: {},
} as const satisfies Topology;

export const shop = "ratios";
export const tables = {
  notes: physicalName(shop, "notes"),
  outbox: physicalName(shop, "notes-outbox"),
  inbox: physicalName(shop, "notes-inbox"),
  parked: physicalName(shop, "notes-parked"),
  poisonedParked: physicalName(shop, "poisoned-parked"),
};

export interface RatioNotebook {
  readonly clients: AwsClients;
  readonly outbox: Outbox;
  readonly topicArn: string;
  readonly queueUrl: string;
  readonly deadLetterUrl: string;
}

interface Note {
  readonly text: string;
}

/** Of the size that events have. */
export const text = "An oat flat white, extra hot, in a cup of one's own. ".repeat(4);

export const Noted = defineEvent("Noted", {
  version: 1,
  schema: {
    "~standard": {
      version: 1,
      vendor: "bench",
      validate: (value) => ({ value: value as Note }),
      types: { input: { text }, output: { text } },
    },
  },
});

export async function ratioNotebook(clients: AwsClients): Promise<RatioNotebook> {
  const { outbox, inbox } = tables;
  return {
    clients,
    outbox: createOutbox({ client: clients.documents, source: "/notes", tables: { outbox, inbox } }),
    topicArn: await topicArn(clients, shop, "notes-events.fifo"),
    queueUrl: await queueUrl(clients, shop, "readers.fifo"),
    deadLetterUrl: await queueUrl(clients, shop, "readers-dead.fifo"),
  };
}

/** The message of an event, as it would have been committed. */
export function message(id: string, subject: string, type = "Noted"): string {
  return JSON.stringify({
    specversion: "1.0",
    id,
    type,
    source: "/notes",
    subject,
    time: new Date().toISOString(),
    datacontenttype: "application/json",
    dataschema: `/notes/${type}/1`,
    sequence: "000000000001.000",
    correlationid: id,
    data: { text },
  });
}

/**
 * How `ours` compares with `bare` in speed, 1 being as fast: the fastest round of each, of many in which they take turns.
 * Whatever else the machine does can only slow a round down. Either returns milliseconds.
 */
export async function compared(bare: () => Promise<number>, ours: () => Promise<number>, rounds = 15): Promise<number> {
  await bare();
  await ours();
  const times = { bare: Number.POSITIVE_INFINITY, ours: Number.POSITIVE_INFINITY };
  for (let round = 0; round < rounds; round++) {
    times.bare = Math.min(times.bare, await bare());
    times.ours = Math.min(times.ours, await ours());
  }
  return times.bare / times.ours;
}

export async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}
