import { type Envelope, toWire } from "../events/index.ts";
import { CommitTooLarge } from "../runtime/index.ts";
import { type ClaimCheck, checkIn } from "./claim-check.ts";

/**
 * SNS counts 256 KiB over a whole `PublishBatch`, attributes included; what is kept back covers those of one message,
 * and the error that is added should it be dead-lettered.
 * @see https://docs.aws.amazon.com/sns/latest/api/API_PublishBatch.html
 */
const largestMessage = 256 * 1024 - 4 * 1024;

/**
 * DynamoDB takes 400 KB an item; what is kept back covers the row's other attributes, and the reason that is added should
 * it ever be parked.
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html
 */
const largestRow = 400 * 1024 - 8 * 1024;

/** What an event weighs in its row beside its message: id, type, and the names of all three. */
const eventBytes = 256;
/** What takes the place of data that has been stored elsewhere: `dataref` and `datasha256`. */
const referenceBytes = 512;

/** `sequence` has three digits for the index of an event in its commit. */
const mostEvents = 1000;

const advice =
  "Give createOutbox a claimCheck (s3ClaimCheck of @doubleshot/messaging/claim-check), and what is too large goes through S3; or keep the bulk elsewhere and send a reference.";

interface Sized {
  readonly envelope: Envelope;
  readonly json: string;
  readonly bytes: number;
}

/**
 * The envelopes of one commit as messages, none too large to be published and all together not too large for a row.
 * Where they would be, data is checked in, the largest first; as long as all fits, nothing is called.
 * @throws CommitTooLarge when there is no claim check; what it throws, with nothing committed.
 */
export async function fitMessages(
  envelopes: readonly Envelope[],
  claimCheck: ClaimCheck | undefined,
): Promise<readonly string[]> {
  if (envelopes.length > mostEvents) {
    throw new CommitTooLarge(`The commit has ${envelopes.length} events, and takes ${mostEvents}.`);
  }
  const messages = envelopes.map((envelope): Sized => {
    const json = toWire(envelope);
    return { envelope, json, bytes: Buffer.byteLength(json) };
  });
  const claims = tooLarge(messages);
  if (claims.size === 0) return messages.map(({ json }) => json);
  if (claimCheck === undefined) throw new CommitTooLarge(`${describe(messages)} ${advice}`);
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
    if (message.bytes <= largestMessage && row <= largestRow) break;
    claims.add(message);
    const { data: _, ...rest } = message.envelope;
    row += Buffer.byteLength(toWire(rest)) + referenceBytes - message.bytes;
  }
  return claims;
}

function describe(messages: readonly Sized[]): string {
  const large = messages.find(({ bytes }) => bytes > largestMessage);
  if (large !== undefined) {
    return `The ${large.envelope.type} event is ${large.bytes} bytes as a message, and SNS takes ${largestMessage} with its attributes.`;
  }
  const total = messages.reduce((sum, { bytes }) => sum + bytes + eventBytes, 0);
  return `The ${messages.length} events are ${total} bytes together, and an outbox row takes ${largestRow}.`;
}
