import { orderItem } from "@doubleshot/contracts";
import { z } from "zod";
import { type Order, type OrderRequest, orderStatuses } from "./order.ts";

/**
 * Text from outside, any characters. A lone surrogate (half an emoji) has no UTF-8 form, so AWS would refuse or change
 * it: it becomes U+FFFD here. Lengths count code points.
 */
const text = () => z.string().overwrite((value) => value.toWellFormed());

const requestedItem = z.object({
  sku: text().min(1).max(64),
  quantity: z.int().min(1).max(100),
});

const toCents = (value: number): number => Math.round(value * 100) / 100;

/** Sums of cents are a few binary digits off: 0.1 + 0.2. Next to nothing, such as 1e-200, is off by all it is. */
const isWholeCents = (value: number): boolean => Math.abs(value - toCents(value)) <= 8 * Number.EPSILON * value;

/** An amount of money. In these bounds, and in cents, a DynamoDB number holds it as it is. */
const amount = z
  .number()
  .min(0, { abort: true })
  .max(1_000_000_000, { abort: true })
  .refine(isWholeCents, "it must be in whole cents")
  .meta({ multipleOf: 0.01 })
  .overwrite(toCents);

const oneAmericano = [{ sku: "americano", quantity: 1 }];

/** The body of both posts. Unknown fields are ignored. */
export const orderRequestJson = z
  .object({
    items: z.array(requestedItem).min(1).max(50).default(oneAmericano),
    customer_id: text().min(1).max(100).optional(),
    order_total: amount.optional(),
    name: text().max(200).optional().describe("Called out when the order is ready; any characters."),
  })
  .meta({ id: "OrderRequest" });

/** An order as customers see it. Instants are ISO 8601 in UTC. */
export const orderJson = z
  .object({
    id: z.uuid(),
    status: z.enum(orderStatuses),
    items: z.array(orderItem),
    name: z.string().optional(),
    customer_id: z.string().optional(),
    order_total: z.number().optional(),
    placed_at: z.iso.datetime(),
    started_at: z.iso.datetime().optional(),
    completed_at: z.iso.datetime().optional(),
    cancelled_at: z.iso.datetime().optional(),
    result: z.json().optional(),
  })
  .meta({ id: "Order" });

/** The request in the aggregate's words. Absent fields stay absent. */
export function toOrderRequest(json: z.output<typeof orderRequestJson>): OrderRequest {
  return defined({
    items: json.items,
    name: json.name,
    customerId: json.customer_id,
    orderTotal: json.order_total,
  });
}

/** The order in public words, without version and instances. */
export function toOrderJson(order: Order): z.input<typeof orderJson> {
  return defined({
    id: order.id,
    status: order.status,
    // With names in one order, because DynamoDB keeps none and the ETag hashes the text.
    items: order.items.map(({ sku, quantity }) => ({ sku, quantity })),
    name: order.name,
    customer_id: order.customerId,
    order_total: order.orderTotal,
    placed_at: order.placedAt,
    started_at: order.startedAt,
    completed_at: order.completedAt,
    cancelled_at: order.cancelledAt,
    result: order.result,
  });
}

type Defined<T> = { [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>;
};

/** The same object without the keys whose value is undefined. */
function defined<T extends object>(value: T): Defined<T> {
  return Object.fromEntries(Object.entries(value).filter(([, field]) => field !== undefined)) as Defined<T>;
}
