import type { AttributeValue, DynamoDBRecord } from "aws-lambda";
import type { OutboxEvent } from "../outbox/index.ts";

/** An outbox row from a stream record. */
export interface StreamRow {
  readonly aggregate: string;
  readonly version: number;
  readonly events: readonly OutboxEvent[];
}

/** The inserted row is not an outbox row: it was written by hand, or the table is not an outbox. No later event overtakes it. */
export class MalformedRowError extends Error {
  override readonly name = "MalformedRowError";
}

/**
 * The inserted row; undefined for a changed or removed row, which was published when it was inserted.
 * @throws MalformedRowError
 */
export function insertedRow({ eventName, dynamodb }: DynamoDBRecord): StreamRow | undefined {
  if (eventName !== "INSERT") return undefined;
  const { aggregate, version, events } = dynamodb?.NewImage ?? {};
  if (aggregate?.S === undefined || version?.N === undefined || events?.L === undefined) {
    throw new MalformedRowError(
      `The row ${JSON.stringify(dynamodb?.Keys)} has no aggregate, version and events: check that the stream is an outbox's, with NEW_IMAGE.`,
    );
  }
  if (Number(version.N) === 0) {
    throw new MalformedRowError(`The row ${JSON.stringify(dynamodb?.Keys)} has version 0, and versions start at 1.`);
  }
  return { aggregate: aggregate.S, version: Number(version.N), events: events.L.map(outboxEvent) };
}

function outboxEvent({ M: event = {} }: AttributeValue): OutboxEvent {
  const { id, type, json } = event;
  if (id?.S === undefined || type?.S === undefined || json?.S === undefined) {
    throw new MalformedRowError(`An event without id, type and json: ${JSON.stringify(event)}`);
  }
  return { id: id.S, type: type.S, json: json.S };
}
