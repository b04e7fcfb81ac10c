import type { MappingSpec, QueueSpec, TableSpec, Topology } from "./topology.ts";

// Two services that publish to each other, with every kind of resource that `provision` makes.

const byId = { key: { partition: { name: "id", type: "S" } } } as const satisfies TableSpec;
const byAggregateAndVersion = {
  key: { partition: { name: "aggregate", type: "S" }, sort: { name: "version", type: "N" } },
} as const satisfies TableSpec;
const outbox = { ...byAggregateAndVersion, stream: "NEW_IMAGE", ttl: "expiresAt" } as const satisfies TableSpec;
const inbox = { key: { partition: { name: "message", type: "S" } }, ttl: "expiresAt" } as const satisfies TableSpec;
const laneIndex = {
  partition: { name: "lane", type: "S" },
  sort: { name: "place", type: "S" },
  projection: "ALL",
} as const;

const queue = (deadLetters: string): QueueSpec => ({
  fifo: true,
  visibilityTimeoutSeconds: 30,
  retentionSeconds: 345_600,
  deadLetter: { queue: deadLetters, maxReceiveCount: 100 },
});
const maxRetention = { retentionSeconds: 1_209_600 } as const;

const mapping = (service: string): MappingSpec => ({
  table: `${service}-outbox`,
  publishesTo: `${service}-events.fifo`,
  source: `/shop/${service}`,
  onFailure: `${service}-outbox-failed`,
  parked: `${service}-parked`,
  startingPosition: "TRIM_HORIZON",
  batchSize: 100,
  maximumBatchingWindowSeconds: 0,
  parallelizationFactor: 1,
  reportBatchItemFailures: true,
  bisectBatchOnFunctionError: true,
  maximumRetryAttempts: -1,
  maximumRecordAgeSeconds: 72_000,
  filter: { eventName: ["INSERT"] },
  functionTimeoutSeconds: 30,
  functionMemoryMegabytes: 512,
});

const subscription = (publisher: string, subscriber: string) => ({
  topic: `${publisher}-events.fifo`,
  queue: `${subscriber}-subscriber.fifo`,
  undelivered: `${subscriber}-subscriber-undelivered.fifo`,
  handles: [],
});

export const twoServices = {
  tables: {
    orders: { ...byId, indexes: { listing: laneIndex, open: { ...laneIndex, projection: "KEYS_ONLY" } } },
    "orders-outbox": outbox,
    "orders-inbox": inbox,
    "orders-parked": byAggregateAndVersion,
    barista: { ...byId, ttl: "expiresAt", indexes: { lanes: laneIndex } },
    "barista-outbox": outbox,
    "barista-inbox": inbox,
    "barista-parked": byAggregateAndVersion,
  },
  topics: { "orders-events.fifo": { fifo: true }, "barista-events.fifo": { fifo: true } },
  queues: {
    "orders-subscriber.fifo": queue("orders-subscriber-dead.fifo"),
    "orders-subscriber-dead.fifo": { fifo: true, ...maxRetention },
    "orders-subscriber-undelivered.fifo": { fifo: true, ...maxRetention },
    "orders-outbox-failed": { fifo: false, ...maxRetention },
    "barista-subscriber.fifo": queue("barista-subscriber-dead.fifo"),
    "barista-subscriber-dead.fifo": { fifo: true, ...maxRetention },
    "barista-subscriber-undelivered.fifo": { fifo: true, ...maxRetention },
    "barista-outbox-failed": { fifo: false, ...maxRetention },
  },
  buckets: { claims: { expireAfterDays: 35 } },
  subscriptions: [subscription("orders", "barista"), subscription("barista", "orders")],
  mappings: { "orders-outbox-relay": mapping("orders"), "barista-outbox-relay": mapping("barista") },
} as const satisfies Topology;
