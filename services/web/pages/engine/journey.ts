import { call } from "../shared/shop-api.ts";

export interface Step {
  readonly at: string;
  readonly offset_ms: number;
  readonly where: string;
  readonly what: "commit" | "event" | "queued" | "handled" | "state";
  readonly detail: string;
  readonly event?: string;
  readonly receives?: number;
  readonly row: { readonly table: string; readonly key: readonly (string | number)[] };
}

/** The answer of `GET /engine/journeys/{id}`. */
export interface Journey {
  readonly id: string;
  readonly status: Readonly<Record<string, string>>;
  readonly steps: readonly Step[];
  readonly undelivered: readonly {
    readonly id: string;
    readonly type: string;
    readonly subscriber: string;
    readonly held: "parked" | "dead" | "neither";
  }[];
}

export const readJourney = (id: string, signal: AbortSignal) =>
  call<Journey>("GET", `/engine/journeys/${encodeURIComponent(id)}`, { signal });

/** The page of a row in DynamoDB Admin. */
export function rowUrl(inspector: string, { table, key }: Step["row"]): string {
  return `${inspector}/tables/${encodeURIComponent(table)}/items/${key.map((part) => encodeURIComponent(part)).join(",")}`;
}

/** An event's way, from its commit to each subscriber that has handled it. */
export interface Hop {
  readonly event: string;
  readonly type: string;
  readonly from: string;
  readonly committed: number;
  readonly to: string;
  readonly handled: number;
  readonly receives: number;
}

export function hopsOf({ steps }: Journey): Hop[] {
  const events = new Map(steps.filter(({ what }) => what === "event").map((step) => [step.event, step]));
  return steps.flatMap(({ what, event, where, offset_ms, receives = 1 }) => {
    const sent = what === "handled" ? events.get(event) : undefined;
    if (event === undefined || sent === undefined) return [];
    const type = sent.detail.split(" ")[0] ?? "";
    return [{ event, type, from: sent.where, committed: sent.offset_ms, to: where, handled: offset_ms, receives }];
  });
}
