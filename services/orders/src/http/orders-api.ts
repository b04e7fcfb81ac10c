import { Api } from "@doubleshot/service-kit";
import { addCancelOrderRoutes, type CancelOrderParts } from "./cancel-order-routes.ts";
import { addGetOrderRoutes } from "./get-order-routes.ts";
import { addListOrdersRoute, type ListOrdersParts } from "./list-orders-routes.ts";
import { orderSubject } from "./order-problem-members.ts";
import { addPlaceOrderRoute, type PlaceOrderParts } from "./place-order-routes.ts";
import { addFollowOrderRoute, type FollowOrderParts } from "./stream/follow-order-routes.ts";

export type OrdersApiParts = PlaceOrderParts & ListOrdersParts & FollowOrderParts & CancelOrderParts;

/** Orders as a resource: place, list, read, follow and cancel them. */
export function ordersApi(parts: OrdersApiParts): Api {
  const api = new Api("orders");
  orderSubject.setFromPath(api.router, "id");
  addPlaceOrderRoute(api, parts);
  addListOrdersRoute(api, parts);
  addGetOrderRoutes(api, parts);
  addFollowOrderRoute(api, parts);
  addCancelOrderRoutes(api, parts);
  return api;
}
