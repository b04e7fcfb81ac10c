import {
  type Api,
  callerOf,
  describedEvent,
  entityTag,
  goneSignal,
  requireOwner,
  type WaitingPlaceRequest,
  type WaitingPlaces,
} from "@doubleshot/service-kit";
import { z } from "zod";
import { isFinal, type Order } from "../../order/order.ts";
import { toOrderJson } from "../../order/order-json.ts";
import { isOrderId } from "../order-problem-members.ts";
import { noPlaceToWait, orderProblem, unknownOrder } from "../order-problems.ts";
import { orderParams, type WaitParts, waitProblems } from "../wait-for-order.ts";
import { streamOrder } from "./order-stream.ts";

export interface FollowOrderParts extends WaitParts {
  readonly places: WaitingPlaces;
}

const followOrderOperation = {
  id: "followOrder",
  method: "get",
  path: "/orders/{id}/events",
  summary: "Follow an order",
  access: { guest: "own", customer: "own" },
  description:
    "Server-sent events: one `order` event with the whole order as it is now, and one whenever it changes. The stream " +
    "ends when the order is final. `Last-Event-ID` leaves out what has been seen.",
  params: orderParams,
  headers: z.object({ "last-event-id": z.string().optional().describe("The `id` of the event seen last.") }),
  answers: {
    200: {
      description: "The stream; the schema is that of each event.",
      type: "text/event-stream",
      schema: describedEvent({ name: "order", id: "For `Last-Event-ID`.", data: "An `Order`." }),
    },
    204: { description: "The order is final, and `Last-Event-ID` shows that its end has been seen." },
  },
  problems: waitProblems,
} as const;

export function addFollowOrderRoute(api: Api, { store, places, watchOrder, admission }: FollowOrderParts): void {
  api.refuseHead(followOrderOperation.path);
  api.handle(followOrderOperation, async ({ params, headers, request }, response) => {
    const order = isOrderId(params.id) ? await store.get(params.id) : undefined;
    if (order === undefined) throw unknownOrder();
    requireOwner(request, order.customerId);
    const lastSeen = headers["last-event-id"];
    if (isFinal(order) && lastSeen === entityTag(toOrderJson(order))) {
      response.status(204).end();
      return;
    }
    const over = new AbortController();
    const end = () => over.abort();
    const caller = callerOf(request).id;
    const place = placeFor(order, places, { orderId: order.id, caller, onTaken: end });
    if (place === "full") throw noPlaceToWait(admission.full(), order.id);
    if (place === "crowded-out") throw orderProblem({ outcome: "given-up", reason: place, orderId: order.id });
    const gone = goneSignal(response);
    if (gone.aborted) end();
    else gone.addEventListener("abort", end, { once: true });
    await streamOrder(order, { watchOrder, response, lastSeen, gone: over.signal }).finally(place.leave);
  });
}

/** The caller that placed the order has a reserved place, which it takes only if no other is free. */
function placeFor(
  order: Order,
  places: WaitingPlaces,
  request: WaitingPlaceRequest,
): ReturnType<WaitingPlaces["enter"]> {
  const place = places.enter(request);
  return typeof place === "string" && order.openFor === request.caller
    ? places.enter({ ...request, isPlacer: true })
    : place;
}
