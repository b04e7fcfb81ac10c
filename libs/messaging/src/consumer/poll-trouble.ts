/** A failure, for a log. */
export interface PollTrouble {
  /**
   * - `outage`  AWS is out: polling pauses
   * - `failed`  the handler failed: the message comes again
   * - `dead`    the handler failed for good: the message is dead-lettered
   */
  readonly kind: "outage" | "failed" | "dead";
  readonly error: unknown;
  readonly messageId?: string;
  readonly receiveCount?: number;
}
