export { BrewFinished, BrewStarted, CancelRefused, TicketVoided } from "./barista-events.ts";
export { OrderCancelled, OrderPlaced } from "./orders-events.ts";
export {
  type BrewResult,
  brewResult,
  canonicalOrderId,
  instant,
  type OrderItem,
  orderId,
  orderItem,
} from "./values.ts";
