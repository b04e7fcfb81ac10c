import { type Api, cursorText, ownOnly, placeIn, toCursor, unknownCursor } from "@doubleshot/service-kit";
import { z } from "zod";
import { listOrders } from "../order/list-orders.ts";
import { orderStatuses } from "../order/order.ts";
import { orderJson, toOrderJson } from "../order/order-json.ts";
import type { OrderStore } from "../order/order-store.ts";

export interface ListOrdersParts {
  readonly store: OrderStore;
}

/** Carries a place of the list: `2026-01-31T~`, or an order's place. */
const listCursor = cursorText(/^(?:[\w-]{16}|[\w-]{82})$/);

const listOrdersOperation = {
  id: "listOrders",
  method: "get",
  path: "/orders",
  summary: "Orders of the last 31 days, newest first",
  access: { customer: "own" },
  description:
    "A customer's token lists that customer's orders. A page may hold fewer orders than asked for, or none, while there are more: go on as long as there is a `next`.",
  query: z.object({
    status: z.enum(orderStatuses).optional(),
    limit: z.coerce.number().int().min(1).max(100).default(20),
    cursor: listCursor.optional().describe("From `next` of the page before."),
  }),
  answers: {
    200: {
      description: "A page.",
      schema: z.object({ orders: z.array(orderJson), next: listCursor.optional() }),
      headers: { Link: 'The next page, as `rel="next"`.' },
    },
  },
} as const;

export function addListOrdersRoute(api: Api, { store }: ListOrdersParts): void {
  api.handle(listOrdersOperation, async ({ query: { status, limit, cursor }, request }, response) => {
    const customerId = ownOnly(request);
    const only = status === undefined ? {} : { status };
    const page = await listOrders(store, {
      limit,
      now: new Date(),
      ...only,
      ...(customerId !== undefined && { customerId }),
      ...(cursor === undefined ? {} : { before: readPlace(cursor) }),
    });
    const orders = page.orders.map(toOrderJson);
    response.set("Cache-Control", "no-store");
    if (page.next === undefined) {
      response.json({ orders });
      return;
    }
    const next = toCursor(page.next);
    const query = new URLSearchParams({ ...only, limit: `${limit}`, cursor: next });
    response.set("Link", `</orders?${query}>; rel="next"`).json({ orders, next });
  });
}

/** @throws ProblemError 400 for a cursor that the list did not make */
function readPlace(cursor: string): string {
  const place = placeIn(cursor);
  const [day = ""] = /^\d{4}-\d\d-\d\d(?=T(~|\d\d:\d\d:\d\d\.\d{3}Z#[0-9a-f-]{36})$)/.exec(place) ?? [];
  if (Number.isNaN(Date.parse(day))) throw unknownCursor();
  return place;
}
