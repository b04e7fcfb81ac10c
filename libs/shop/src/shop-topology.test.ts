import { OrderPlaced } from "@doubleshot/contracts";
import { expect, test } from "vitest";
import { defineShop } from "./define-shop.ts";
import { service } from "./service.ts";
import { byId } from "./table-specs.ts";

const till = service("till", { port: 1, tables: { coins: byId }, publishes: [OrderPlaced] });
const safe = service("safe", { port: 2, tables: {}, subscribes: { till: [OrderPlaced] }, waits: true });
const { topology } = defineShop("street", [till, safe]);

const kinds = ["tables", "topics", "queues", "mappings", "buckets", "services"] as const;

type Names = { readonly [Kind in (typeof kinds)[number]]: Readonly<Record<keyof (typeof topology)[Kind], true>> };

test("the data has the names of the types, and no others", () => {
  // It compiles only with all names of the types, and without others.
  const names: Names = {
    tables: { coins: true, "till-outbox": true, "till-parked": true, "safe-inbox": true, "safe-instances": true },
    topics: { "till-events.fifo": true },
    queues: {
      "till-outbox-failed": true,
      "safe-subscriber.fifo": true,
      "safe-subscriber-dead.fifo": true,
      "safe-subscriber-undelivered.fifo": true,
    },
    mappings: { "till-outbox-relay": true },
    buckets: { claims: true },
    services: { till: true, safe: true },
  };
  for (const kind of kinds) {
    expect(Object.keys(topology[kind]).toSorted(), kind).toEqual(Object.keys(names[kind]).toSorted());
  }
});
