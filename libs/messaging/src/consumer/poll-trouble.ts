/** A message or the queue is in trouble: for a log. */
export interface PollTrouble {
  /** An `outage` pauses polling; what `failed` is the handler's own, and tried again; what is `dead` has been given up. */
  readonly kind: "outage" | "failed" | "dead";
  readonly error: unknown;
  readonly messageId?: string;
  readonly receiveCount?: number;
}
