/** The items to brew. */
export interface Order {
  readonly orderId: string;
  readonly items: readonly { readonly sku: string; readonly quantity: number }[];
  /** The name that the customer wants called out, any characters. */
  readonly name?: string;
  readonly placedAt: string;
  /** Chosen by this worker. Everyone with the token holds the claim, so keep it out of logs. */
  readonly claimToken: string;
}

/** Reads the order in the answer to a claim. Undefined if it holds none. */
export function readOrder(json: unknown, claimToken: string): Order | undefined {
  if (typeof json !== "object" || json === null) return undefined;
  const { order_id, items, name, placed_at }: Partial<Record<string, unknown>> = { ...json };
  if (typeof order_id !== "string" || !Array.isArray(items)) return undefined;
  return {
    orderId: order_id,
    items,
    ...(typeof name === "string" ? { name } : {}),
    placedAt: String(placed_at),
    claimToken,
  };
}
