import { type Api, goneSignal } from "@doubleshot/service-kit";
import { z } from "zod";
import { isFinal } from "../order.ts";
import type { OrderStore } from "../order-store.ts";
import { followOrder } from "./follow-order.ts";
import { isOrderId, oneOrderProblems, orderParams, type WaitingParts } from "./one-order.ts";
import { orderTag } from "./order-tag.ts";
import { limited, noSuchOrder } from "./refusals.ts";

export interface FollowingParts extends WaitingParts {
  readonly store: OrderStore;
}

const followOrderOperation = {
  id: "followOrder",
  method: "get",
  path: "/orders/{id}/events",
  summary: "Follow an order",
  description:
    "Server-sent events: one `order` event with the whole order as it is now, and one whenever it changes. The stream " +
    "ends when the order is final. `Last-Event-ID` leaves out what has been seen.",
  params: orderParams,
  headers: z.object({ "last-event-id": z.string().optional().describe("The `id` of the event seen last.") }),
  answers: {
    200: { description: "The stream.", type: "text/event-stream", schema: z.string() },
    204: { description: "The order is final, and `Last-Event-ID` shows that its end has been seen." },
  },
  problems: oneOrderProblems,
} as const;

export function following(api: Api, { store, watchOrder, admission }: FollowingParts): void {
  api.refuseHead(followOrderOperation.path);
  api.handle(followOrderOperation, async ({ params, headers }, response) => {
    const order = isOrderId(params.id) ? await store.get(params.id) : undefined;
    if (order === undefined) throw noSuchOrder();
    const lastSeen = headers["last-event-id"];
    if (isFinal(order) && lastSeen === orderTag(order)) {
      response.status(204).end();
      return;
    }
    const noRoom = admission.room();
    if (noRoom) throw limited(noRoom);
    await followOrder(order, { watchOrder, response, lastSeen, gone: goneSignal(response) });
  });
}
