import type { Topology } from "@doubleshot/topology";

/** The part of a service's manifest that the host reads. `defineShop(...).services.<name>` has it. */
export interface HostedService {
  readonly name: string;
  /** Default of the variable `PORT`. */
  readonly port: number;
  /** Paths by which callers outside of the system reach the service. Each covers the paths below it. */
  readonly paths: readonly string[];
  /** CloudEvents `source` of its events. */
  readonly source: string;
  /** Whether callers wait in this service. If so, its processes exchange hints. */
  readonly waits: boolean;
  /** Names of gauges of `/metrics` by which a deployment starts and stops processes, as keys. */
  readonly scalesOn: Readonly<Record<string, unknown>>;
  /** Handled events, by the service that publishes them. */
  readonly subscribes: Readonly<Record<string, readonly { readonly type: string }[]>>;
  /** Short names of its resources. */
  readonly names: {
    readonly outbox: string;
    readonly inbox: string;
    readonly queue: string;
    readonly deadLetters: string;
    readonly instances: string;
    readonly hintQueues: string;
  };
  /** Short names of the tables and queues that must exist before a process starts. */
  readonly uses: { readonly tables: readonly string[]; readonly queues: readonly string[] };
  /** The service's own resources. */
  readonly topology: Topology;
}
