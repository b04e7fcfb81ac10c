export {
  type Barista,
  type BaristaEvents,
  type BaristaOptions,
  createBarista,
  type Trouble,
} from "./create-barista.ts";
export { ResultNotJsonError } from "./json-value.ts";
export type { Order } from "./order.ts";
export { ClaimLost } from "./work-on-claim.ts";
