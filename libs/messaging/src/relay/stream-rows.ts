import type { AttributeValue, DynamoDBRecord } from "aws-lambda";
import type { OutboxEvent } from "../outbox/index.ts";

/** An outbox row as the stream brings it. */
export interface StreamRow {
  readonly aggregate: string;
  readonly version: number;
  readonly events: readonly OutboxEvent[];
}

/** The record is an insertion into a streamed table that is no outbox, or one edited by hand. Nothing is published past it. */
export class MalformedRow extends Error {
  override readonly name = "MalformedRow";
}

/**
 * The row a record inserts; undefined for what is no news: a changed row was published when it was inserted, a removed
 * one has been published long ago.
 * @throws MalformedRow
 */
export function insertedRow({ eventName, dynamodb }: DynamoDBRecord): StreamRow | undefined {
  if (eventName !== "INSERT") return undefined;
  const { aggregate, version, events } = dynamodb?.NewImage ?? {};
  if (aggregate?.S === undefined || version?.N === undefined || events?.L === undefined) {
    throw new MalformedRow(
      `The row ${JSON.stringify(dynamodb?.Keys)} has no aggregate, version and events: is the stream that of an outbox, with NEW_IMAGE?`,
    );
  }
  if (Number(version.N) === 0) {
    throw new MalformedRow(`The row ${JSON.stringify(dynamodb?.Keys)} has version 0, and versions begin with 1.`);
  }
  return { aggregate: aggregate.S, version: Number(version.N), events: events.L.map(outboxEvent) };
}

function outboxEvent({ M: event = {} }: AttributeValue): OutboxEvent {
  const { id, type, json } = event;
  if (id?.S === undefined || type?.S === undefined || json?.S === undefined) {
    throw new MalformedRow(`An event without id, type and json: ${JSON.stringify(event)}`);
  }
  return { id: id.S, type: type.S, json: json.S };
}
