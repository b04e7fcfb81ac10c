import { canonicalCustomerId, creditRefusals, orderItem } from "@doubleshot/contracts";
import { z } from "zod";
import { priceOf } from "../menu/menu.ts";
import { type Order, type OrderRequest, orderStatuses } from "./order.ts";

const requestedItem = z.object({
  sku: z.string().min(1).max(64),
  quantity: z.int().min(1).max(100),
});

/** An amount of money in whole minor units, such as cents. JavaScript and DynamoDB hold each of them exactly. */
const amount = z.int().min(1);

const oneAmericano = [{ sku: "americano", quantity: 1 }];

const requestFields = z.object({
  items: z.array(requestedItem).min(1).max(50).optional().meta({ default: oneAmericano }),
  customer_id: z
    .uuid("it must be the id of a customer, as POST /customers gave it")
    .overwrite(canonicalCustomerId)
    .optional()
    .describe("The account that pays. The order is `PENDING` until credit is reserved for it."),
  order_total: amount
    .optional()
    .describe("In whole minor units. Left out, an order on account has the price of its items on the menu."),
  name: z.string().max(200).optional().describe("Called out when the order is ready; any characters."),
});

/** The body of both posts. Unknown fields are ignored. */
export const orderRequestJson = requestFields.superRefine(checkPrice).meta({ id: "OrderRequest" });

/** A total must be the price of the items, and an account pays for items of the menu alone. A total without items stands. */
function checkPrice(
  { items, customer_id, order_total }: z.output<typeof requestFields>,
  context: z.RefinementCtx,
): void {
  if (items === undefined) return;
  const price = priceOf(items);
  if (price !== undefined && order_total !== undefined && order_total !== price) {
    const message = `it must be ${price}, the price of the items on the menu, or left out`;
    context.addIssue({ code: "custom", path: ["order_total"], message });
  }
  if (price !== undefined || customer_id === undefined) return;
  for (const [index, item] of items.entries()) {
    if (priceOf([item]) !== undefined) continue;
    const message = "it must be on the menu, because an account pays for it; see GET /menu";
    context.addIssue({ code: "custom", path: ["items", index, "sku"], message });
  }
}

/** An order as customers see it. Instants are ISO 8601 in UTC. */
export const orderJson = z
  .object({
    id: z.uuid(),
    status: z.enum(orderStatuses),
    items: z.array(orderItem),
    name: z.string().optional(),
    customer_id: z.string().optional(),
    order_total: z.int().optional().describe("In whole minor units."),
    created_at: z.iso.datetime().optional().describe("When an order on account asked for credit."),
    placed_at: z.iso.datetime().optional().describe("When the order went to the bar."),
    started_at: z.iso.datetime().optional(),
    completed_at: z.iso.datetime().optional(),
    cancel_requested_at: z.iso.datetime().optional(),
    cancelled_at: z.iso.datetime().optional(),
    rejected_at: z.iso.datetime().optional(),
    rejection_reason: z.enum(creditRefusals).optional().describe("Why an order on account got no credit."),
    result: z.json().optional(),
  })
  .meta({ id: "Order" });

/** The request in the aggregate's words. Absent fields stay absent. */
export function toOrderRequest(json: z.output<typeof orderRequestJson>): OrderRequest {
  const { items = oneAmericano, customer_id: customerId } = json;
  const price = customerId === undefined ? undefined : priceOf(items);
  return defined({ items, name: json.name, customerId, total: json.order_total ?? price });
}

/** The order in public words, without version and instances. */
export function toOrderJson(order: Order): z.input<typeof orderJson> {
  return defined({
    id: order.id,
    status: order.status,
    // With the names in a fixed order: DynamoDB keeps no order of names, and the ETag is a hash of the text.
    items: order.items.map(({ sku, quantity }) => ({ sku, quantity })),
    name: order.name,
    customer_id: order.customerId,
    order_total: order.total,
    created_at: order.createdAt,
    placed_at: order.placedAt,
    started_at: order.startedAt,
    completed_at: order.completedAt,
    cancel_requested_at: order.cancelAskedAt,
    cancelled_at: order.cancelledAt,
    rejected_at: order.rejectedAt,
    rejection_reason: order.rejection,
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
