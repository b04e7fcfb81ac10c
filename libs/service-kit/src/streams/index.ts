export { describedEvent } from "./described-event.ts";
export { EventStream, type EventStreamOptions, type StreamEvent } from "./event-stream.ts";
