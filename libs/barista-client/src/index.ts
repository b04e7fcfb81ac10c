export type { BaristaEvents, Trouble } from "./barista-events.ts";
export type { BaristaOptions } from "./barista-options.ts";
export { type Barista, createBarista } from "./create-barista.ts";
export { ResultNotJsonError } from "./json-value.ts";
export type { Order } from "./order.ts";
export { ClaimLostError } from "./work-on-claim.ts";
