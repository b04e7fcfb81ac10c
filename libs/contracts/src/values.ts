import { z } from "zod";

/** An order's id, and its ticket's: a UUIDv7 in lower case, so that one order has one key in every table. */
export const orderId = z.uuid().lowercase();

/**
 * Turns a caller's spelling of an order id into the stored one: upper and lower case name the same order. Every edge that
 * takes ids calls it. A text that is no UUID is returned unchanged, for the edge to refuse or not to find.
 */
export function canonicalOrderId(text: string): string {
  return z.uuid().safeParse(text).success ? text.toLowerCase() : text;
}

/** An instant in UTC with milliseconds (`2026-01-31T08:30:00.000Z`): fixed width, so that times sort as strings in keys. */
export const instant = z.iso.datetime({ precision: 3 });

export const orderItem = z.object({
  sku: z.string().min(1).max(64),
  quantity: z.int().min(1).max(1_000),
});

export type OrderItem = z.infer<typeof orderItem>;

/** The barista's result of a finished order: any JSON value. The edge that takes it limits its size and depth. */
export const brewResult = z.json();

export type BrewResult = z.infer<typeof brewResult>;
