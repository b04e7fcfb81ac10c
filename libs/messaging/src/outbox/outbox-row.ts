import { type ClaimCheck, fitMessages } from "../claim-check/index.ts";
import { currentContext, dataSchemaOf, type Envelope, type PendingEvent, sequenceOf, uuidv7 } from "../events/index.ts";
import type { Clock } from "../runtime/index.ts";
import { currentTrace } from "../telemetry/index.ts";

/** All events of one commit, in one row: a reader sees either all of them, in order, or none. */
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
  /** The row expires that long after its commit. */
  readonly retentionSeconds: number;
  readonly claimCheck?: ClaimCheck | undefined;
}

/**
 * Validates the events, gives them id, time, sequence and context, and stores data that is too large for a message.
 * @throws InvalidEventDataError, CommitTooLargeError, and the claim check's errors.
 */
export async function outboxRow(
  pending: readonly PendingEvent[],
  { source, aggregate, version, clock, retentionSeconds, claimCheck }: OutboxRowOptions,
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
  return { aggregate, version, events, committedAt, expiresAt: Math.floor(now / 1000) + retentionSeconds };
}
