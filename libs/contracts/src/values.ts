import { z } from "zod";

/** An order's id, which is also its ticket's: a UUIDv7 in lower case, so that one order has one key in every table. */
export const orderId = z.uuid().lowercase();

/**
 * An order's id as somebody wrote it: in any case it is one order. For every edge at which ids come in. What is no UUID
 * stays as it is, to be refused or not found.
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

/** What a barista hands over with the finished order: any JSON value. The edge that takes it bounds its size and depth. */
export const brewResult = z.json();

export type BrewResult = z.infer<typeof brewResult>;
