/** A received message, from any queue. */
export interface Delivery {
  readonly body: string;
  /** From 1. */
  readonly receiveCount: number;
  /** Milliseconds since the epoch. */
  readonly sentAt: number;
}

/** How a delivery ended. All of these are final: the message can be deleted. */
export interface Settlement {
  readonly outcome: "committed" | "duplicate" | "ignored" | "unknown";
  readonly id: string;
  readonly type: string;
  readonly subject: string;
}
