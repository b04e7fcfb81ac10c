export type { Delivery, Settlement } from "./delivery.ts";
export { HandlerTimedOutError } from "./handler-time.ts";
export { type Message, type MessageResult, SettledTwiceError } from "./message.ts";
export {
  aSubscriber,
  on,
  type Subscriber,
  type SubscriberOptions,
  type Subscription,
  subscriber,
} from "./subscriber.ts";
export { subscriberName } from "./subscriber-name.ts";
