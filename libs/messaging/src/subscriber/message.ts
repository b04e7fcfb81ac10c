import { dataVersionOf, type Envelope, type EventDefinition } from "../events/index.ts";
import {
  asSettled,
  type Commit,
  type Committed,
  type Duplicate,
  type InboxRecord,
  inboxed,
  type Outbox,
  type Refused,
  type Settled,
} from "../outbox/index.ts";
import type { HandlerTime } from "./handler-time.ts";

/** An event for a handler, and its only way to settle it besides `ignore`. */
export interface Message<Data> {
  readonly id: string;
  readonly type: string;
  /** In the shape of the handler's event definition. */
  readonly data: Data;
  readonly source: string;
  readonly subject: string;
  /** RFC 3339: time of the commit. */
  readonly time: string;
  /** Sorts as text in the order of the aggregate's commits. */
  readonly sequence: string;
  readonly correlationId: string;
  readonly causationId?: string;
  /** W3C trace context of the commit, if it was traced. */
  readonly traceparent?: string;
  /** How often the message was received, this time included. */
  readonly receiveCount: number;
  /**
   * Commits the message's effect and the record that it was handled, in one transaction. `duplicate` means that an earlier
   * delivery did so, and nothing was written now.
   *
   * After a refusal nothing is written, and the delivery is still open: commit something else, or `ignore` it.
   * @throws SettledTwiceError when the delivery is settled already, HandlerTimedOutError when the handler's time is up.
   */
  commit<const Names extends string = never>(commit: Commit<Names>): Promise<MessageResult<Names>>;
}

/** Result of a message's commit. Only a commit with guarded writes can be refused, which does not settle the delivery. */
export type MessageResult<Names extends string> =
  | ((Committed | Duplicate) & Settled)
  | ([Names] extends [never] ? never : Refused<Names>);

/** A handler committed twice for one message. The second commit would look like a duplicate, and be lost silently. */
export class SettledTwiceError extends Error {
  override readonly name = "SettledTwiceError";

  constructor(type: string) {
    super(`The handler of ${type} committed a second time. Put all it writes into one commit.`);
  }
}

export interface MessageOptions<Data> {
  readonly envelope: Envelope;
  readonly definition: EventDefinition<string, Data>;
  readonly record: InboxRecord;
  readonly outbox: Outbox;
  readonly handlerTime: HandlerTime;
}

/** @throws InvalidEventDataError when the data does not match the event's schema. */
export async function openMessage<Data>({
  envelope,
  definition,
  record,
  outbox,
  handlerTime,
}: MessageOptions<Data>): Promise<Message<Data>> {
  const { id, type, source, subject, time, sequence, correlationid, causationid, traceparent } = envelope;
  let isSettled = false;
  return {
    id,
    type,
    source,
    subject,
    time,
    sequence,
    correlationId: correlationid,
    ...(causationid === undefined ? {} : { causationId: causationid }),
    ...(typeof traceparent === "string" && { traceparent }),
    receiveCount: record.attempts,
    data: await definition.read(envelope.data, dataVersionOf(envelope)),
    commit: async <const Names extends string>(commit: Commit<Names>) => {
      if (isSettled) throw new SettledTwiceError(type);
      handlerTime.check();
      // Set before the call, to detect two concurrent commits; reset if the call wrote nothing.
      isSettled = true;
      const result = await outbox[inboxed].commit(record, commit).catch((error: unknown) => {
        isSettled = false;
        throw error;
      });
      isSettled = result.outcome !== "refused";
      return (result.outcome === "refused" ? result : asSettled(result)) as MessageResult<Names>;
    },
  };
}
