export { currentContext, type MessageContext, withContext } from "./context.ts";
export {
  dataSchemaOf,
  dataVersionOf,
  type Envelope,
  fromWire,
  maxVersion,
  sequenceOf,
  toWire,
  UnreadableMessageError,
} from "./envelope.ts";
export { defineEvent, type EventDefinition, type EventOptions, type PendingEvent } from "./event.ts";
export { InvalidEventDataError, type StandardSchema } from "./standard-schema.ts";
export { uuidv7 } from "./uuidv7.ts";
