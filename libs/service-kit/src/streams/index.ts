export { describedEvent } from "./described-event.ts";
export { EventStream, type StreamEvent } from "./event-stream.ts";
