/**
 * One part of the topology. Its state:
 * - made     it did not exist before
 * - changed  it existed with other settings
 * - there    it existed as it should be
 */
export interface ProvisionedPart {
  readonly kind:
    | "table"
    | "index"
    | "stream"
    | "ttl"
    | "topic"
    | "queue"
    | "policy"
    | "subscription"
    | "bucket"
    | "expiry"
    | "function"
    | "mapping";
  /** The physical name; for a part of a table or of a subscription, `<whole> <part>`. */
  readonly name: string;
  readonly state: "made" | "changed" | "there";
}

export interface ProvisionReport {
  readonly parts: readonly ProvisionedPart[];
}

/** A resource on the endpoint contradicts the topology and cannot be changed in place, or it does not become ready. */
export class ProvisionError extends Error {
  override readonly name = "ProvisionError";
  readonly exitSentence = true;
}

export type Report = (kind: ProvisionedPart["kind"], name: string, state: ProvisionedPart["state"]) => void;

/** Collects the parts of one run, and logs one line for each part that was made or changed. */
export function reporting(log: ((line: string) => void) | undefined) {
  const parts: ProvisionedPart[] = [];
  const report: Report = (kind, name, state) => {
    parts.push({ kind, name, state });
    if (state !== "there") log?.(`${state} ${kind} ${name}`);
  };
  return { parts, report };
}
