import { Api } from "@doubleshot/service-kit";
import { type CancellingParts, cancelling } from "./cancel-order-routes.ts";
import { type FollowingParts, following } from "./follow-order-routes.ts";
import { type ReadingParts, reading } from "./get-order-routes.ts";
import { type ListingParts, listing } from "./list-orders-routes.ts";
import { concernsOrderInPath } from "./order-problem-members.ts";
import { type PlacingParts, placing } from "./place-order-routes.ts";

export type OrdersApiParts = PlacingParts & ListingParts & ReadingParts & FollowingParts & CancellingParts;

/** Orders as a resource: place one, see how it goes, wait for it, follow it, take it back. */
export function ordersApi(parts: OrdersApiParts): Api {
  const api = new Api("orders");
  concernsOrderInPath(api);
  placing(api, parts);
  listing(api, parts);
  reading(api, parts);
  following(api, parts);
  cancelling(api, parts);
  return api;
}
