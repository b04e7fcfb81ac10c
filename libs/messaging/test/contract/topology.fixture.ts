import type { Topology } from "@doubleshot/topology";

const outboxKey = { partition: { name: "aggregate", type: "S" }, sort: { name: "version", type: "N" } } as const;

/** The resources of a service. */
export const topology = {
  tables: {
    notes: { key: { partition: { name: "id", type: "S" } } },
    "notes-outbox": { key: outboxKey, stream: "NEW_IMAGE", ttl: "expiresAt" },
    "notes-inbox": { key: { partition: { name: "message", type: "S" } }, ttl: "expiresAt" },
  },
  topics: { "notes-events.fifo": { fifo: true } },
  queues: {
    "readers.fifo": { fifo: true, visibilityTimeoutSeconds: 30 },
    "readers-undelivered.fifo": { fifo: true },
    "notes-outbox-failed": { fifo: false },
  },
  subscriptions: [
    { topic: "notes-events.fifo", queue: "readers.fifo", undelivered: "readers-undelivered.fifo", handles: ["Noted"] },
  ],
  mappings: {
    "notes-outbox-relay": {
      table: "notes-outbox",
      publishesTo: "notes-events.fifo",
      source: "/notes",
      onFailure: "notes-outbox-failed",
      startingPosition: "TRIM_HORIZON",
      batchSize: 100,
      maximumBatchingWindowSeconds: 0,
      parallelizationFactor: 1,
      reportBatchItemFailures: true,
      bisectBatchOnFunctionError: true,
      maximumRetryAttempts: -1,
      maximumRecordAgeSeconds: 3600,
      filter: { eventName: ["INSERT"] },
      functionTimeoutSeconds: 10,
      functionMemoryMegabytes: 128,
    },
  },
} as const satisfies Topology;
