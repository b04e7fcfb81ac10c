import type { KeySpec, MappingSpec, QueueSpec, TableSpec, Topology } from "./topology.ts";

const hours = 60 * 60;
const days = 24 * hours;

const byId = { key: { partition: { name: "id", type: "S" } } } as const satisfies TableSpec;

const byAggregateVersion = {
  partition: { name: "aggregate", type: "S" },
  sort: { name: "version", type: "N" },
} as const satisfies KeySpec;

const outbox = { key: byAggregateVersion, stream: "NEW_IMAGE", ttl: "expiresAt" } as const satisfies TableSpec;
/** No stream and no expiry: a parked event stays until an operator has resolved it. */
const parked = { key: byAggregateVersion } as const satisfies TableSpec;
const inbox = { key: { partition: { name: "message", type: "S" } }, ttl: "expiresAt" } as const satisfies TableSpec;

/** The consumer itself moves messages to the dead-letter queue in order. This count is the last resort behind it. */
const maxReceiveCount = 100;

const subscriberQueue = (deadLetter: string) =>
  ({
    fifo: true,
    visibilityTimeoutSeconds: 30,
    retentionSeconds: 4 * days,
    deadLetter: { queue: deadLetter, maxReceiveCount },
  }) as const satisfies QueueSpec;

/** 14 days is SQS's longest retention. */
const deadLetterQueue = { fifo: true, retentionSeconds: 14 * days } as const satisfies QueueSpec;

/**
 * Retries have no cap, because skipping a record reorders its aggregate. The age limit stays below the 24 hours that a
 * stream keeps its records, so that a record over the limit reaches the on-failure queue and is not lost.
 */
const relayMapping = {
  startingPosition: "TRIM_HORIZON",
  batchSize: 100,
  maximumBatchingWindowSeconds: 0,
  parallelizationFactor: 1,
  reportBatchItemFailures: true,
  bisectBatchOnFunctionError: true,
  maximumRetryAttempts: -1,
  maximumRecordAgeSeconds: 20 * hours,
  filter: { eventName: ["INSERT"] },
  functionTimeoutSeconds: 30,
  functionMemoryMegabytes: 512,
} as const satisfies Partial<MappingSpec>;

/** All resources that Doubleshot needs from AWS. */
export const doubleshot = {
  tables: {
    orders: {
      ...byId,
      indexes: {
        // All orders, newest first. The partition is a day and a shard, so no single partition takes all orders.
        listing: {
          partition: { name: "day", type: "S" },
          sort: { name: "place", type: "S" },
          projection: "KEYS_ONLY",
        },
        // A sparse index: open orders by the customer's address.
        open: {
          partition: { name: "openFor", type: "S" },
          sort: { name: "place", type: "S" },
          projection: "KEYS_ONLY",
        },
      },
    },
    "orders-outbox": outbox,
    "orders-inbox": inbox,
    "orders-parked": parked,
    "orders-requests": { key: { partition: { name: "key", type: "S" } }, ttl: "expiresAt" },
    "orders-instances": { ...byId, ttl: "expiresAt" },
    barista: {
      ...byId,
      // A ticket that is done expires after 35 days. Orders are the shop's records and stay.
      ttl: "expiresAt",
      // `lane` is "<bar>#waiting", "<bar>#leased" or "<bar>#done#<hour>"; `place` is (turn, age) for the waiting, the
      // lease's end for the leased, and when it was done for the rest.
      indexes: {
        lanes: {
          partition: { name: "lane", type: "S" },
          sort: { name: "place", type: "S" },
          projection: "ALL",
        },
      },
    },
    "barista-outbox": outbox,
    "barista-inbox": inbox,
    "barista-parked": parked,
    "barista-requests": { key: { partition: { name: "key", type: "S" } }, ttl: "expiresAt" },
    "barista-instances": { ...byId, ttl: "expiresAt" },
  },
  topics: {
    "orders-events.fifo": { fifo: true },
    "barista-events.fifo": { fifo: true },
  },
  queues: {
    "orders-subscriber.fifo": subscriberQueue("orders-subscriber-dead.fifo"),
    "orders-subscriber-dead.fifo": deadLetterQueue,
    "orders-subscriber-undelivered.fifo": deadLetterQueue,
    "orders-outbox-failed": { fifo: false, retentionSeconds: 14 * days },
    "barista-subscriber.fifo": subscriberQueue("barista-subscriber-dead.fifo"),
    "barista-subscriber-dead.fifo": deadLetterQueue,
    "barista-subscriber-undelivered.fifo": deadLetterQueue,
    "barista-outbox-failed": { fifo: false, retentionSeconds: 14 * days },
  },
  // Data too large for a message. It outlives every message that refers to it, because a subscriber refuses messages older
  // than its inbox rows (30 days).
  buckets: { claims: { expireAfterDays: 35 } },
  subscriptions: [
    {
      topic: "orders-events.fifo",
      queue: "barista-subscriber.fifo",
      undelivered: "barista-subscriber-undelivered.fifo",
      handles: ["OrderPlaced", "OrderCancelled"],
      handledBy: { subscriber: "barista", inbox: "barista-inbox" },
    },
    {
      topic: "barista-events.fifo",
      queue: "orders-subscriber.fifo",
      undelivered: "orders-subscriber-undelivered.fifo",
      handles: ["BrewStarted", "BrewFinished", "TicketVoided", "CancelRefused"],
      handledBy: { subscriber: "orders", inbox: "orders-inbox" },
    },
  ],
  mappings: {
    "orders-outbox-relay": {
      ...relayMapping,
      table: "orders-outbox",
      publishesTo: "orders-events.fifo",
      source: "/doubleshot/orders",
      onFailure: "orders-outbox-failed",
      parked: "orders-parked",
    },
    "barista-outbox-relay": {
      ...relayMapping,
      table: "barista-outbox",
      publishesTo: "barista-events.fifo",
      source: "/doubleshot/barista",
      onFailure: "barista-outbox-failed",
      parked: "barista-parked",
    },
  },
} as const satisfies Topology;
