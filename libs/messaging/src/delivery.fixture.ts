import { randomUUID } from "node:crypto";
import { type Envelope, sequenceOf, toWire } from "./envelope.ts";
import type { Delivery } from "./index.ts";

/** A `Noted` as it comes off a queue, from another service's outbox. */
export function delivery(changes: Partial<Envelope> = {}): Delivery & { envelope: Envelope } {
  const envelope: Envelope = {
    specversion: "1.0",
    id: randomUUID(),
    type: "Noted",
    source: "/elsewhere",
    subject: "note#1",
    time: new Date().toISOString(),
    datacontenttype: "application/json",
    dataschema: "/elsewhere/Noted/1",
    sequence: sequenceOf(1, 0),
    correlationid: "story",
    data: { text: "milk" },
    ...changes,
  };
  return { envelope, body: toWire(envelope), receiveCount: 1, sentAt: Date.parse("2026-01-01T00:00:00.500Z") };
}
