export { BrewFinished, BrewStarted, CancelRefused, TicketVoided } from "./barista-events.ts";
export { CreditRefused, CreditReserved, creditRefusals } from "./customers-events.ts";
export { CancelConfirmed, OrderCancelled, OrderCompleted, OrderCreated, OrderPlaced } from "./orders-events.ts";
export {
  type BrewResult,
  brewResult,
  canonicalCustomerId,
  canonicalOrderId,
  customerId,
  instant,
  money,
  type OrderItem,
  orderId,
  orderItem,
} from "./values.ts";
