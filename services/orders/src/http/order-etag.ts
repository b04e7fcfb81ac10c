import { createHash } from "node:crypto";
import type { Order } from "../order/order.ts";
import { toOrderJson } from "../order/order-json.ts";

/** Names what of the order is to be seen: it changes when that does, and not when we note something for ourselves. */
export function orderTag(order: Order): string {
  return createHash("sha256")
    .update(JSON.stringify(toOrderJson(order)))
    .digest("base64url")
    .slice(0, 22);
}

/** Whether an `If-None-Match` header names the tag, or any. */
export function isKnown(tag: string, ifNoneMatch: string | undefined): boolean {
  const names = (ifNoneMatch ?? "").split(",").map((name) => name.trim());
  return names.some((name) => name === "*" || name.replace(/^W\//, "") === `"${tag}"`);
}
