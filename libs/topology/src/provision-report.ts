/** One thing the topology asks for. `made`: it was not there; `changed`: it was, with other settings. */
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
    | "mapping";
  /** The physical name; for parts of a table or of a subscription, `<whole> <part>`. */
  readonly name: string;
  readonly state: "made" | "changed" | "there";
}

export interface ProvisionReport {
  readonly parts: readonly ProvisionedPart[];
}

/** The endpoint holds something that the topology contradicts and that cannot be changed in place. */
export class ProvisionError extends Error {
  override readonly name = "ProvisionError";
  readonly exitSentence = true;
}

export type Report = (kind: ProvisionedPart["kind"], name: string, state: ProvisionedPart["state"]) => void;
