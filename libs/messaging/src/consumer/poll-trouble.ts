/** A failure that `poll` reports through `onTrouble`. */
export interface PollTrouble {
  /**
   * - `outage`  AWS is unavailable; polling pauses
   * - `failed`  the handler failed, or the message could not be moved to the dead-letter queue; SQS delivers it again
   * - `dead`    the message failed for good; it is in the dead-letter queue
   */
  readonly kind: "outage" | "failed" | "dead";
  readonly error: unknown;
  readonly messageId?: string;
  readonly receiveCount?: number;
}
