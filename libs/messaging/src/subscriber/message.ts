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

/** An event as it reaches a handler, and the only way to answer it. */
export interface Message<Data> {
  readonly id: string;
  readonly type: string;
  /** In the newest shape the handler's definition knows. */
  readonly data: Data;
  readonly source: string;
  readonly subject: string;
  /** RFC 3339: when it was committed. */
  readonly time: string;
  /** Sorts as text in the order in which the aggregate's events were committed. */
  readonly sequence: string;
  readonly correlationId: string;
  readonly causationId?: string;
  /** How often the queue has handed this message out, this time included. */
  readonly receiveCount: number;
  /**
   * Commits what the message causes, and the record that it was handled, in one transaction. `duplicate` means that
   * this had been done before, and that nothing was written now.
   *
   * After a refusal nothing is written and the delivery is still open: commit something else, or `ignore` it.
   * @throws SettledTwice when the delivery has been settled already, HandlerTimedOut when it has been given up.
   */
  commit<const Names extends string = never>(commit: Commit<Names>): Promise<MessageResult<Names>>;
}

/** What settles a delivery, and, only where something was guarded, a refusal that does not. */
export type MessageResult<Names extends string> =
  | ((Committed | Duplicate) & Settled)
  | ([Names] extends [never] ? never : Refused<Names>);

/** A handler committed twice for one message: the second commit would be taken for a duplicate and lost without a sound. */
export class SettledTwice extends Error {
  override readonly name = "SettledTwice";

  constructor(type: string) {
    super(`The handler of ${type} committed a second time. Put all it writes into one commit.`);
  }
}

export interface MessageOptions<Data> {
  readonly envelope: Envelope;
  readonly definition: EventDefinition<string, Data>;
  readonly record: InboxRecord;
  readonly outbox: Outbox;
  readonly givenUp: { check(): void };
}

/** @throws InvalidEventData when the data does not have the shape its type asks for. */
export async function openMessage<Data>({
  envelope,
  definition,
  record,
  outbox,
  givenUp,
}: MessageOptions<Data>): Promise<Message<Data>> {
  const { id, type, source, subject, time, sequence, correlationid, causationid } = envelope;
  let settled = false;
  return {
    id,
    type,
    source,
    subject,
    time,
    sequence,
    correlationId: correlationid,
    ...(causationid === undefined ? {} : { causationId: causationid }),
    receiveCount: record.attempts,
    data: await definition.read(envelope.data, dataVersionOf(envelope)),
    commit: async <const Names extends string>(commit: Commit<Names>) => {
      if (settled) throw new SettledTwice(type);
      givenUp.check();
      // Claimed before the call, so that two commits at once are noticed; given back when the call wrote nothing.
      settled = true;
      const result = await outbox[inboxed].commit(record, commit).catch((error: unknown) => {
        settled = false;
        throw error;
      });
      settled = result.outcome !== "refused";
      return (result.outcome === "refused" ? result : asSettled(result)) as MessageResult<Names>;
    },
  };
}
