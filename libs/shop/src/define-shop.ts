import type { Topology } from "@doubleshot/topology";
import { checkShop } from "./check-shop.ts";
import type { Role } from "./roles.ts";
import type { Service } from "./service.ts";
import { type ShopTopology, sourceOf, topologyOf } from "./shop-topology.ts";

export { ShopError } from "./check-shop.ts";

/**
 * The parts of a shop: its services, and the resources that they need from AWS. It is plain data, the same for every deployment. A
 * shop on an endpoint has these resources under a prefix of names; `Shop` of `@doubleshot/operations` is one, with clients.
 */
export interface ShopDefinition<S extends Service = Service> {
  /** Part of the sources of its events, and the default prefix of its resources. */
  readonly name: string;
  /** By name, in the order in which `defineShop` got them. */
  readonly services: { readonly [Name in S["name"]]: ServiceInShop<Extract<S, { readonly name: Name }>> };
  readonly topology: ShopTopology<S>;
  readonly tour: readonly TourStep[];
  readonly rush: Rush | undefined;
}

/** A command that shows what the shop does, for the terminal that `npm start` runs in. */
export interface TourStep {
  /** `{orders}` stands for the URL of the service named orders. */
  readonly command: string;
  readonly shows: string;
  /** The role that the command's token needs, where callers need tokens. Left out: a guest's command. */
  readonly role?: Role;
}

/** A program that plays a rush hour in the open shop. It finds the services by their `<NAME>_URL`. */
export interface Rush {
  /** Main module, as a path from the root of the repository. */
  readonly program: string;
  readonly numbers: readonly RushNumber[];
  /** Further arguments. */
  readonly args: readonly string[];
}

/** A whole number that says how large a rush is. */
export interface RushNumber {
  readonly name: string;
  /** The program's option for it, such as `--baristas`. */
  readonly option: string;
  readonly min: number;
  readonly max: number;
}

/** A service with what it has from its shop. */
export type ServiceInShop<S extends Service = Service> = S & {
  /** CloudEvents `source` of its events: `/<shop>/<service>`. */
  readonly source: string;
  /** The resources of this service alone. */
  readonly topology: Topology;
};

/**
 * Combines services into a shop.
 *
 * @throws ShopError with one sentence that names the mistake, such as two services of one name, port, path or table, a
 *   subscription to an event that its publisher does not publish, or a name that AWS refuses
 */
export function defineShop<const S extends Service>(
  name: string,
  services: readonly S[],
  { tour = [], rush }: { readonly tour?: readonly TourStep[]; readonly rush?: Rush } = {},
): ShopDefinition<S> {
  checkShop(name, services);
  const placed = services.map((service) => {
    const topology: Topology = topologyOf(name, [service]);
    return [service.name, { ...service, source: sourceOf(name, service), topology }] as const;
  });
  return {
    name,
    services: Object.fromEntries(placed) as ShopDefinition<S>["services"],
    topology: topologyOf(name, services),
    tour,
    rush,
  };
}
