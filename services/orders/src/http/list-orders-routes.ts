import type { Api } from "@doubleshot/service-kit";
import { z } from "zod";
import { listOrders } from "../order/list-orders.ts";
import { orderStatuses } from "../order/order.ts";
import { orderJson, toOrderJson } from "../order/order-json.ts";
import type { OrderStore } from "../order/order-store.ts";
import { cursorText, readCursor, toCursor } from "./cursor.ts";

export interface ListingParts {
  readonly store: OrderStore;
}

const listOrdersOperation = {
  id: "listOrders",
  method: "get",
  path: "/orders",
  summary: "Orders of the last 31 days, newest first",
  description:
    "A page may hold fewer orders than asked for, or none, while there are more: go on as long as there is a `next`.",
  query: z.object({
    status: z.enum(orderStatuses).optional(),
    limit: z.coerce.number().int().min(1).max(100).default(20),
    cursor: cursorText.optional().describe("From `next` of the page before."),
  }),
  answers: {
    200: {
      description: "A page.",
      schema: z.object({ orders: z.array(orderJson), next: cursorText.optional() }),
      headers: { Link: 'The next page, as `rel="next"`.' },
    },
  },
} as const;

export function listing(api: Api, { store }: ListingParts): void {
  api.handle(listOrdersOperation, async ({ query: { status, limit, cursor } }, response) => {
    const only = status === undefined ? {} : { status };
    const page = await listOrders(store, {
      limit,
      now: new Date(),
      ...only,
      ...(cursor === undefined ? {} : { before: readCursor(cursor) }),
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
