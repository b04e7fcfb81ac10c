import { call } from "../shared/shop-api.ts";

type StageName = "commit" | "outbox" | "stream" | "relay" | "topic" | "queues" | "inboxes" | "waiters";

export interface Stage {
  readonly stage: StageName;
  readonly rate: number | null;
  readonly lag_ms: number | null;
  readonly backlog: number | null;
}

export interface Point {
  readonly at: number;
  readonly commit_rate: number | null;
  readonly handled_rate: number | null;
  readonly before_topic: number | null;
  readonly queued: number;
  readonly waiting: number;
}

/** The answer of `GET /engine/pipeline`. */
export interface Pipeline {
  readonly at: string;
  readonly stages: readonly Stage[];
  readonly points: readonly Point[];
  readonly outboxes: readonly {
    readonly name: string;
    readonly rows: number;
    readonly sampled: number;
    readonly under_way: number;
    readonly lag_ms: number;
    readonly lagging?: string;
    readonly parked: number;
    readonly failed_batches: number;
  }[];
  readonly queues: readonly {
    readonly subscriber: string;
    readonly waiting: number;
    readonly in_hand: number;
    readonly dead: number | null;
    readonly undelivered: number | null;
  }[];
  readonly deliveries: {
    readonly handled: number;
    readonly duplicates: number;
    readonly retries: number;
    readonly failures: number;
  };
  readonly services: readonly { readonly name: string; readonly answers: boolean; readonly url?: string }[];
  readonly inspector: string | null;
  readonly faults: boolean;
}

/** Five minutes. */
export const maxPoints = 300;

export const readPipeline = (after: number, signal: AbortSignal) =>
  call<Pipeline>("GET", `/engine/pipeline?after=${after}`, { signal });
