import { createOutbox, defineEvent, type Outbox } from "@doubleshot/messaging";
import { type AwsClients, physicalName, queueUrl, type Topology, topicArn } from "@doubleshot/topology";

const outboxKey = { partition: { name: "aggregate", type: "S" }, sort: { name: "version", type: "N" } } as const;

/** The library's tables, topic and queues. The topic has no subscription, so that no delivery by the endpoint is measured. */
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

export interface RatioHarness {
  readonly clients: AwsClients;
  readonly outbox: Outbox;
  readonly topicArn: string;
  readonly queueUrl: string;
  readonly deadLetterUrl: string;
}

interface Note {
  readonly text: string;
}

/** A text of the size of a usual event. */
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

export async function openHarness(clients: AwsClients): Promise<RatioHarness> {
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

/** Speed relative to the bare calls, where 1 is equal: the median of all rounds, and the quartiles. */
export interface Ratio {
  readonly median: number;
  readonly quartiles: readonly [number, number];
}

/** Resolves with the duration in milliseconds. */
export type Measured = () => Promise<number>;

/**
 * Compares each of `ours` with the bare calls. A round measures all of them one after another, so that other load on the
 * machine slows down all. The order rotates from round to round.
 */
export async function compared<Name extends string>(
  bare: Measured,
  ours: Readonly<Record<Name, Measured>>,
  rounds = 11,
): Promise<Record<Name, Ratio>> {
  const all = Object.entries<Measured>({ ...ours, bare });
  const found: Record<string, number>[] = [];
  // The first round only warms up.
  for (let round = 0; round <= rounds; round++) {
    const times: Record<string, number> = {};
    for (const [name, measured] of rotated(all, round)) times[name] = await measured();
    if (round > 0) found.push(times);
  }
  const ratio = (name: string) => ratioOf(found.map(({ bare = 0, [name]: time = 0 }) => bare / time));
  return Object.fromEntries(Object.keys(ours).map((name) => [name, ratio(name)])) as Record<Name, Ratio>;
}

function ratioOf(found: readonly number[]): Ratio {
  const sorted = found.toSorted((one, other) => one - other);
  const at = (share: number) => sorted[Math.floor((sorted.length - 1) * share)] ?? Number.NaN;
  return { median: at(0.5), quartiles: [at(0.25), at(0.75)] };
}

const rotated = <T>(all: readonly T[], by: number) => all.map((_, index) => all[(index + by) % all.length] as T);

export async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}
