import { type Envelope, toWire } from "../events/index.ts";
import { CommitTooLargeError } from "../runtime/index.ts";
import { type ClaimCheck, checkIn } from "./claim-check.ts";

/**
 * SNS takes 256 KiB for a whole `PublishBatch`, attributes included. 4 KiB are left for the attributes of one message, and
 * for the error that a dead letter carries.
 * @see https://docs.aws.amazon.com/sns/latest/api/API_PublishBatch.html
 */
const maxMessageBytes = 256 * 1024 - 4 * 1024;

/**
 * DynamoDB takes 400 KB an item. 8 KiB are left for the row's other attributes, and for the reason that a parked row carries.
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html
 */
const maxRowBytes = 400 * 1024 - 8 * 1024;

/** Bytes of an event in its row beside the message: id, type, and the names of all three. */
const eventBytes = 256;
/** Bytes that replace data that is stored elsewhere: `dataref` and `datasha256`. */
const referenceBytes = 512;

/** `sequence` has three digits for the index of an event in its commit. */
const maxEvents = 1000;

const advice =
  "Give createOutbox a claimCheck (s3ClaimCheck of @doubleshot/messaging/claim-check), which stores large data in S3; or keep the bulk elsewhere and send a reference.";

interface Sized {
  readonly envelope: Envelope;
  readonly json: string;
  readonly bytes: number;
}

/**
 * Serialises the envelopes of one commit, so that each fits into a message and all of them into a row. If they do not fit,
 * the claim check stores data, the largest first.
 * @throws CommitTooLargeError when they do not fit and there is no claim check; the claim check's errors.
 */
export async function fitMessages(
  envelopes: readonly Envelope[],
  claimCheck: ClaimCheck | undefined,
): Promise<readonly string[]> {
  if (envelopes.length > maxEvents) {
    throw new CommitTooLargeError(
      `The commit has ${envelopes.length} events and takes ${maxEvents}. Commit in smaller steps.`,
    );
  }
  const messages = envelopes.map((envelope): Sized => {
    const json = toWire(envelope);
    return { envelope, json, bytes: Buffer.byteLength(json) };
  });
  const claims = tooLarge(messages);
  if (claims.size === 0) return messages.map(({ json }) => json);
  if (claimCheck === undefined) throw new CommitTooLargeError(`${describe(messages)} ${advice}`);
  return Promise.all(
    messages.map(async (message) =>
      claims.has(message) ? toWire(await checkIn(message.envelope, claimCheck)) : message.json,
    ),
  );
}

function tooLarge(messages: readonly Sized[]): ReadonlySet<Sized> {
  let row = messages.reduce((sum, { bytes }) => sum + bytes + eventBytes, 0);
  const claims = new Set<Sized>();
  for (const message of messages.toSorted((a, b) => b.bytes - a.bytes)) {
    if (message.bytes <= maxMessageBytes && row <= maxRowBytes) break;
    claims.add(message);
    const { data: _, ...rest } = message.envelope;
    row += Buffer.byteLength(toWire(rest)) + referenceBytes - message.bytes;
  }
  return claims;
}

function describe(messages: readonly Sized[]): string {
  const large = messages.find(({ bytes }) => bytes > maxMessageBytes);
  if (large !== undefined) {
    return `The ${large.envelope.type} event is ${large.bytes} bytes as a message, and SNS takes ${maxMessageBytes} beside its attributes.`;
  }
  const total = messages.reduce((sum, { bytes }) => sum + bytes + eventBytes, 0);
  return `The ${messages.length} events are ${total} bytes together, and an outbox row takes ${maxRowBytes}.`;
}
