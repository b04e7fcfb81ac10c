import { z } from "zod";

/** An order's id, and its ticket's: a UUIDv7 in lower case, so that one order has one key in every table. */
export const orderId = z.uuid().lowercase();

/**
 * Turns a caller's spelling of an order id into the stored one: upper and lower case name the same order. Every edge that
 * takes ids calls it. A text that is no UUID is returned unchanged, for the edge to refuse or not to find.
 */
export function canonicalOrderId(text: string): string {
  return canonicalUuid(text);
}

/** The same for the id of a customer. */
export function canonicalCustomerId(text: string): string {
  return canonicalUuid(text);
}

const canonicalUuid = (text: string): string => (z.uuid().safeParse(text).success ? text.toLowerCase() : text);

/** A customer's id: a UUIDv7 in lower case. */
export const customerId = z.uuid().lowercase();

/** An amount of money in whole minor units, such as cents. JSON and JavaScript hold each of them exactly. */
export const money = z.int().positive();

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
