import type { DynamoDBRecord } from "aws-lambda";

/** A deadline that is far away. */
export const ample = { getRemainingTimeInMillis: () => 30_000 };

/** The stream record of an outbox row whose events have the given bodies, and ids made of them. */
export function insertion(aggregate: string, version: number, bodies: string[], sequence: number): DynamoDBRecord {
  const events = bodies.map((json) => ({ M: { id: { S: `id-${json}` }, type: { S: "Happened" }, json: { S: json } } }));
  return {
    eventName: "INSERT",
    dynamodb: {
      Keys: { aggregate: { S: aggregate }, version: { N: String(version) } },
      NewImage: { aggregate: { S: aggregate }, version: { N: String(version) }, events: { L: events } },
      SequenceNumber: String(1000 + sequence),
    },
  };
}
