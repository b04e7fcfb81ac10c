import { z } from "zod";

export interface DescribedEvent {
  /** The value of its `event` field. */
  readonly name: string;
  /** Description of its `id` field. If left out, the event has no id. */
  readonly id?: string;
  /** Description of its `data` field, which is JSON text. */
  readonly data: string;
}

/**
 * Returns the schema of one kind of server-sent event, for the response of an operation: its fields as texts. OpenAPI 3.1
 * has no streams. Generators and checkers that support events read the schema of `text/event-stream` as that of each event.
 * @see https://spec.openapis.org/oas/v3.2.0.html#special-considerations-for-server-sent-events
 */
export function describedEvent({ name, id, data }: DescribedEvent): z.ZodObject {
  return z.object({
    event: z.literal(name),
    ...(id === undefined ? {} : { id: z.string().describe(id) }),
    data: z.string().meta({ description: data, contentMediaType: "application/json" }),
  });
}
