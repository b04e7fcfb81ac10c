import type { RunningMapping } from "../event-source/start-mapping.ts";
import type { ArmedFault, DeliveryFaults, InflictedFault } from "./delivery-faults.ts";
import type { Stall } from "./stall.ts";

/** The relays, deliveries and DynamoDB of an embedded AWS, and the faults that they have. */
export interface FaultsState {
  readonly relays: readonly RelayState[];
  readonly armed: readonly ArmedFault[];
  /** The newest first. */
  readonly inflicted: readonly InflictedFault[];
  /** RFC 3339: the end of DynamoDB's stall. */
  readonly stalledUntil?: string;
}

export interface RelayState {
  /** Short name of the mapping. */
  readonly name: string;
  readonly isStopped: boolean;
  /** Of its function. A killed one has none until the next records. */
  readonly pid?: number;
}

/** - stop: records wait in the stream. - start: they are read on. - kill: SIGKILL; the next records start the function again. */
export const relayActions = ["stop", "start", "kill"] as const;
export type RelayAction = (typeof relayActions)[number];

/** Faults of an embedded AWS, for people who want to see the services get over them. */
export interface LocalFaults {
  state(): FaultsState;
  /** The next delivery of this kind has the fault. */
  armDelivery(fault: ArmedFault): void;
  /** Stops, starts or kills all relays. */
  relays(action: RelayAction): void;
  /** DynamoDB keeps its connections and answers nothing for so long. Returns false for one that is not this host's. */
  stallDynamo(ms: number): boolean;
}

export interface LocalFaultsOptions {
  readonly mappings: ReadonlyMap<string, RunningMapping>;
  readonly deliveries: DeliveryFaults;
  readonly stall: Stall;
}

export function localFaults({ mappings, deliveries, stall }: LocalFaultsOptions): LocalFaults {
  const act = { stop: suspend, start: resume, kill };
  return {
    state: () => ({
      relays: [...mappings].map(([name, { gate, runtime }]) => ({
        name,
        isStopped: gate.isClosed,
        ...(runtime.pid !== undefined && { pid: runtime.pid }),
      })),
      armed: deliveries.armed,
      inflicted: deliveries.inflicted,
      ...(stall.until !== undefined && { stalledUntil: stall.until.toISOString() }),
    }),
    armDelivery: (fault) => deliveries.arm(fault),
    relays: (action) => {
      for (const mapping of mappings.values()) act[action](mapping);
    },
    stallDynamo: (ms) => stall.begin(ms),
  };
}

const suspend = ({ gate }: RunningMapping) => gate.close();
const resume = ({ gate }: RunningMapping) => gate.open();

function kill({ runtime: { pid } }: RunningMapping): void {
  if (pid === undefined) return;
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It has just ended by itself.
  }
}
