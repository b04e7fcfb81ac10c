import type { TableSpec } from "@doubleshot/topology";

/** A table whose key is `id`, a string. */
export const byId = { key: { partition: { name: "id", type: "S" } } } as const satisfies TableSpec;

/** One row for each idempotency key, scoped by caller. Rows expire. */
export const requests = {
  key: { partition: { name: "key", type: "S" } },
  ttl: "expiresAt",
} as const satisfies TableSpec;

/** One row for each live process, with its heartbeat. Rows of processes that were killed expire. */
export const instances = { ...byId, ttl: "expiresAt" } as const satisfies TableSpec;
