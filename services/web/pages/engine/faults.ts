import { call } from "../shared/shop-api.ts";

export interface FaultLogEntry {
  readonly at: string;
  readonly what: string;
  readonly name?: string;
  readonly queue?: string;
  readonly seconds?: number;
  readonly event?: { readonly id: string; readonly type: string; readonly subject: string };
}

/** The answer of the fault API, which exists on a developer's machine alone. */
export interface Faults {
  /** Null while the embedded AWS is down. */
  readonly relays: readonly { readonly name: string; readonly stopped: boolean; readonly pid?: number }[] | null;
  readonly armed: readonly { readonly on: string; readonly fault: "duplicate" | "delay" | "drop" }[];
  readonly stalled_until: string | null;
  readonly processes: readonly { readonly name: string; readonly up: boolean; readonly pid?: number }[];
  readonly rush: {
    readonly numbers: Readonly<Record<string, number>>;
    readonly ended_at?: string;
    readonly exit_code?: number;
    readonly lines: readonly string[];
  } | null;
  readonly log: readonly FaultLogEntry[];
}

export const readFaults = (signal: AbortSignal) => call<Faults>("GET", "/faults", { signal });

/** A process that is started takes its time on a busy machine. */
const causeTimeoutMs = 60_000;

/** Causes a fault, and returns the state after it. */
export const cause = (what: string, body: object) =>
  call<Faults>("POST", `/faults/${what}`, { body, timeoutMs: causeTimeoutMs });
