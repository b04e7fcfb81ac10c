import type { TableSpec, TracedAggregate } from "@doubleshot/topology";

/** The part of an event definition that the shop needs. Every `defineEvent(...)` of the messaging library has it. */
export interface EventType {
  readonly type: string;
  readonly version: number;
}

/** A service as data, as its author writes it. Its queues, its messaging tables and its stream mapping follow from it. */
export interface Manifest {
  /** Port of the first process on a developer's machine. */
  readonly port: number;
  /** Main module, as a path from the root of the repository. Default `services/<name>/src/main.ts`. */
  readonly program?: string;
  /**
   * Paths by which callers outside of the system reach the service, as a load balancer routes them: `/orders` is that path and
   * all paths below it, and `/` is that path alone. Probes, metrics and the OpenAPI document are not listed: operators send these
   * requests to each process.
   */
  readonly paths?: readonly string[];
  /** Gauges of `/metrics` by which a deployment starts and stops processes of the service. */
  readonly scalesOn?: Readonly<Record<string, ScalingGauge>>;
  /** The service's own tables, by short name. */
  readonly tables: Readonly<Record<string, TableSpec>>;
  /** Published events. They give the service a topic, an outbox, a table for parked events and a relay. */
  readonly publishes?: readonly EventType[];
  /** Handled events, by the service that publishes them. They give the service a queue and an inbox. */
  readonly subscribes?: Readonly<Record<string, readonly EventType[]>>;
  /** Callers wait in this service. It gets a table of live processes, and each process a queue for hints. */
  readonly waits?: true;
  /** The aggregate that `doubleshot trace` follows through this service. */
  readonly traced?: TracedAggregate;
  /** The service issues the shop's access tokens. Its own table of this name has the keys that sign them. */
  readonly signingKeys?: string;
  /** Engineers operate the whole shop from this service: its processes get `operatorRights`, too. */
  readonly operates?: true;
}

/**
 * - `perProcess`  each process reports its own value. A deployment keeps the average near this number
 * - `overall`     every process reports the same value. A deployment starts one more process when the value reaches this number,
 *                 and two when it reaches five times the number
 */
export type ScalingGauge = { readonly perProcess: number } | { readonly overall: number };

/** Short names of the resources of a service. A resource exists only if the manifest asks for it. */
export interface ServiceNames<Name extends string = string> {
  readonly topic: `${Name}-events.fifo`;
  readonly outbox: `${Name}-outbox`;
  readonly parked: `${Name}-parked`;
  readonly relay: `${Name}-outbox-relay`;
  readonly failedRecords: `${Name}-outbox-failed`;
  readonly queue: `${Name}-subscriber.fifo`;
  readonly deadLetters: `${Name}-subscriber-dead.fifo`;
  readonly undelivered: `${Name}-subscriber-undelivered.fifo`;
  readonly inbox: `${Name}-inbox`;
  readonly instances: `${Name}-instances`;
  /** Prefix of the processes' own queues. The id of a process follows it. */
  readonly hintQueues: `${Name}-hints-`;
}

/** A manifest under the name of its service, with defaults filled in and the names of its resources. */
export interface Service<Name extends string = string, M extends Manifest = Manifest> {
  readonly name: Name;
  readonly port: number;
  readonly program: string;
  readonly paths: readonly string[];
  readonly scalesOn: Readonly<Record<string, ScalingGauge>>;
  readonly tables: M["tables"];
  readonly publishes: Publishes<M>;
  readonly subscribes: Subscribes<M>;
  readonly waits: Waits<M>;
  readonly traced: TracedAggregate | undefined;
  readonly signingKeys: string | undefined;
  readonly operates: boolean;
  readonly names: ServiceNames<Name>;
  /** Short names of the tables and queues that a process of the service uses. `preflight` checks them. */
  readonly uses: { readonly tables: readonly string[]; readonly queues: readonly string[] };
}

type Publishes<M extends Manifest> = Manifest extends M
  ? readonly EventType[]
  : M extends { readonly publishes: infer Events }
    ? Events
    : readonly [];

type Subscribes<M extends Manifest> = Manifest extends M
  ? Readonly<Record<string, readonly EventType[]>>
  : M extends { readonly subscribes: infer Events }
    ? Events
    : Readonly<Record<never, never>>;

type Waits<M extends Manifest> = Manifest extends M ? boolean : M extends { readonly waits: true } ? true : false;

/**
 * Describes a service of a shop.
 *
 * ```ts
 * const loyalty = service("loyalty", {
 *   port: 9704,
 *   tables: { loyalty: byId },
 *   subscribes: { orders: [OrderPlaced] },
 * });
 * ```
 *
 * `defineShop` checks the manifest, because most mistakes involve two services.
 */
export function service<const Name extends string, const M extends Manifest>(
  name: Name,
  manifest: M,
): Service<Name, M> {
  const { port, program = `services/${name}/src/main.ts`, tables, publishes = [], subscribes = {} } = manifest;
  const { waits = false, traced, signingKeys, paths = [], scalesOn = {}, operates = false } = manifest;
  const names = namesOf(name);
  const handles = Object.keys(subscribes).length > 0;
  const uses = {
    tables: [
      ...Object.keys(tables),
      ...(publishes.length > 0 ? [names.outbox] : []),
      ...(handles ? [names.inbox] : []),
      ...(waits ? [names.instances] : []),
    ],
    queues: handles ? [names.queue, names.deadLetters] : [],
  };
  const own = { name, port, program, paths, scalesOn, tables, traced, signingKeys, operates, names, uses };
  const plain: Service = { ...own, publishes, subscribes, waits };
  // These lines compute from the manifest's data, and the conditional types from its type: both have the same result.
  return plain as Service<Name, M>;
}

function namesOf<Name extends string>(name: Name): ServiceNames<Name> {
  return {
    topic: `${name}-events.fifo`,
    outbox: `${name}-outbox`,
    parked: `${name}-parked`,
    relay: `${name}-outbox-relay`,
    failedRecords: `${name}-outbox-failed`,
    queue: `${name}-subscriber.fifo`,
    deadLetters: `${name}-subscriber-dead.fifo`,
    undelivered: `${name}-subscriber-undelivered.fifo`,
    inbox: `${name}-inbox`,
    instances: `${name}-instances`,
    hintQueues: `${name}-hints-`,
  };
}
