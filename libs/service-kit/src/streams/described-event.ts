import { z } from "zod";

export interface DescribedEvent {
  /** What the event is called: its `event` field. */
  readonly name: string;
  /** What its `id` field says; left out, the event has none. */
  readonly id?: string;
  /** What its `data` field holds, as JSON text. */
  readonly data: string;
}

/**
 * The schema of one of a stream's server-sent events, for the operation's answer: its fields as texts. OpenAPI 3.1 knows
 * no streams; generators and checkers that know events take the schema of `text/event-stream` for that of each event.
 * @see https://spec.openapis.org/oas/v3.2.0.html#special-considerations-for-server-sent-events
 */
export function describedEvent({ name, id, data }: DescribedEvent): z.ZodObject {
  return z.object({
    event: z.literal(name),
    ...(id === undefined ? {} : { id: z.string().describe(id) }),
    data: z.string().meta({ description: data, contentMediaType: "application/json" }),
  });
}
