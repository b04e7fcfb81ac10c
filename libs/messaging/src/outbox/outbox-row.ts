import { type ClaimCheck, fitMessages } from "../claim-check/index.ts";
import { currentContext, dataSchemaOf, type Envelope, type PendingEvent, sequenceOf, uuidv7 } from "../events/index.ts";
import type { Clock } from "../runtime/index.ts";
import { currentTrace } from "../telemetry/index.ts";

/** All the events of one commit: one row, so that no reader can see some of them without the others, or in another order. */
export interface OutboxRow {
  readonly aggregate: string;
  readonly version: number;
  readonly events: readonly OutboxEvent[];
  /** RFC 3339. */
  readonly committedAt: string;
  /** Epoch seconds: DynamoDB's TTL removes the row some time after. */
  readonly expiresAt: number;
}

export interface OutboxEvent {
  readonly id: string;
  readonly type: string;
  /** The finished message, see `envelope.ts`. */
  readonly json: string;
}

export interface OutboxRowOptions {
  readonly source: string;
  readonly aggregate: string;
  readonly version: number;
  readonly clock: Clock;
  /** Seconds the row is kept. */
  readonly retention: number;
  readonly claimCheck?: ClaimCheck | undefined;
}

/**
 * Checks the events and gives them what they carry for good: id, time, sequence, context. Data too large for a message is
 * checked in on the way.
 * @throws InvalidEventData, CommitTooLarge, and what the claim check throws.
 */
export async function outboxRow(
  pending: readonly PendingEvent[],
  { source, aggregate, version, clock, retention, claimCheck }: OutboxRowOptions,
): Promise<OutboxRow> {
  const now = clock.now();
  const committedAt = new Date(now).toISOString();
  const identified = pending.map((event) => ({ event, id: uuidv7(now, clock.randomBytes(16)) }));
  const context = currentContext();
  const trace = currentTrace();
  const envelopes = await Promise.all(
    identified.map(
      async ({ event, id }, index): Promise<Envelope> => ({
        specversion: "1.0",
        id,
        type: event.type,
        source,
        subject: aggregate,
        time: committedAt,
        datacontenttype: "application/json",
        dataschema: dataSchemaOf(source, event.type, event.version),
        sequence: sequenceOf(version, index),
        correlationid: context?.correlationId ?? identified[0]?.id ?? id,
        ...(context?.causationId === undefined ? {} : { causationid: context.causationId }),
        ...trace,
        data: await event.validate(),
      }),
    ),
  );
  const messages = await fitMessages(envelopes, claimCheck);
  const events = envelopes.map(({ id, type }, index) => ({ id, type, json: messages[index] ?? "" }));
  return { aggregate, version, events, committedAt, expiresAt: Math.floor(now / 1000) + retention };
}
