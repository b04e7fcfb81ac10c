import { type Answer, call } from "../shared/shop-api.ts";

export interface ParkedAggregate {
  readonly outbox: string;
  readonly aggregate: string;
  readonly since: string | null;
  readonly row_count: number;
  readonly rows: readonly {
    readonly version: number;
    readonly parked_at: string;
    readonly reason: string;
    readonly events: readonly { readonly id: string; readonly type: string; readonly json: string }[];
  }[];
}

export interface DeadLetter {
  readonly subscriber: string;
  readonly from: "dead" | "undelivered";
  readonly aggregate: string;
  readonly id: string;
  readonly type: string;
  readonly error: string;
  readonly attempts?: number;
  readonly dead_at: string;
  readonly body: string;
}

export interface ParkedAndDead {
  readonly parked: readonly ParkedAggregate[];
  readonly letters: readonly DeadLetter[];
  /** Dead letters in all. */
  readonly total: number;
  /** Queues with letters that are not shown: those behind the first ones of an aggregate, or beyond the first hundred. */
  readonly more: readonly {
    readonly subscriber: string;
    readonly from: DeadLetter["from"];
    readonly count: number;
  }[];
}

/** Reads both lists. */
export async function readParkedAndDead(): Promise<Answer<ParkedAndDead>> {
  const [parked, dead] = await Promise.all([
    call<Pick<ParkedAndDead, "parked">>("GET", "/engine/parked"),
    call<Omit<ParkedAndDead, "parked">>("GET", "/engine/dead"),
  ]);
  if (!parked.ok) return parked;
  if (!dead.ok) return dead;
  const { letters = [], total = 0, more = [] } = dead.body ?? {};
  return { ok: true, body: { parked: parked.body?.parked ?? [], letters, total, more } };
}

/** A redrive sends the dead letters of many aggregates, one after the other. */
const actionTimeoutMs = 120_000;

/** An operator's action. Its outcome is one of the words that the texts know. */
export async function act(
  path: "parked/retry" | "parked/drop",
  body: object,
): Promise<Answer<{ readonly outcome: string; readonly reason?: string }>> {
  return call("POST", `/engine/${path}`, { body, timeoutMs: actionTimeoutMs });
}

export interface Redriven {
  readonly results: readonly {
    readonly aggregate: string;
    readonly sent: number;
    readonly dropped: number;
    readonly outcome: string;
    readonly reason?: string;
  }[];
}

export const redrive = (body: object) =>
  call<Redriven>("POST", "/engine/dead/redrive", { body, timeoutMs: actionTimeoutMs });
