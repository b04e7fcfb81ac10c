export type { Delivery, Settlement } from "./delivery.ts";
export { HandlerTimedOut } from "./handler-time.ts";
export { type Message, type MessageResult, SettledTwice } from "./message.ts";
export {
  aSubscriber,
  on,
  type Subscriber,
  type SubscriberOptions,
  type Subscription,
  subscriber,
} from "./subscriber.ts";
export { subscriberName } from "./subscriber-name.ts";
