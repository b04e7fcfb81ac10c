/*
 * For packages that only define events, such as the contracts between services: unlike the main entry point, it loads no AWS
 * client, which takes a program tenths of a second.
 */
export {
  defineEvent,
  type EventDefinition,
  type EventOptions,
  InvalidEventDataError,
  type PendingEvent,
  type StandardSchema,
} from "./events/index.ts";
