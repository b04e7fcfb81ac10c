import { z } from "zod";

/** An order's id, which is also its ticket's: a UUIDv7 in lower case, so that one order has one key in every table. */
export const orderId = z.uuid().lowercase();

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
