import { OrderPlaced } from "@doubleshot/contracts";
import type { Topology } from "@doubleshot/topology";
import { coffeeShop, defineShop, type Service, type ShopDefinition, service } from "./index.ts";
import { byId } from "./table-specs.ts";

// Names are literals, so that a misspelt one does not compile.

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const same = <_ extends true>() => undefined;

const till = service("till", { port: 1, tables: { coins: byId }, publishes: [OrderPlaced] });
const safe = service("safe", { port: 2, tables: {}, subscribes: { till: [OrderPlaced] }, waits: true });
const street = defineShop("street", [till, safe]);

same<Equal<keyof typeof street.services, "till" | "safe">>();
same<
  Equal<keyof typeof street.topology.tables, "coins" | "till-outbox" | "till-parked" | "safe-inbox" | "safe-instances">
>();
same<Equal<keyof typeof street.topology.topics, "till-events.fifo">>();
same<Equal<keyof typeof street.topology.mappings, "till-outbox-relay">>();
same<
  Equal<
    keyof typeof street.topology.queues,
    "till-outbox-failed" | "safe-subscriber.fifo" | "safe-subscriber-dead.fifo" | "safe-subscriber-undelivered.fifo"
  >
>();
same<Equal<typeof street.services.till.names.outbox, "till-outbox">>();
same<Equal<(typeof street.services.safe.subscribes.till)[0], typeof OrderPlaced>>();
same<Equal<typeof street.services.till.waits, false>>();
same<Equal<typeof street.services.safe.waits, true>>();

// @ts-expect-error no service has this name
street.services.shelf;
// @ts-expect-error safe publishes nothing, so it has no outbox
street.topology.tables["safe-outbox"];
// @ts-expect-error an event is a definition, not its name
service("shelf", { port: 3, tables: {}, publishes: ["OrderPlaced"] });
// @ts-expect-error a table needs a key
service("shelf", { port: 3, tables: { shelf: {} } });

// Libraries take any shop, any service, and its topology.
const shops: readonly ShopDefinition[] = [coffeeShop, street];
const services: readonly Service[] = [...Object.values(coffeeShop.services), till, safe];
const topologies: readonly Topology[] = [coffeeShop.topology, ...shops.map(({ topology }) => topology)];
export const used = [services, topologies];
