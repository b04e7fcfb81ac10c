import type { PutCommandInput } from "@aws-sdk/lib-dynamodb";
import type { Envelope } from "./envelope.ts";

/** What the inbox keeps of a message; `message` is `<subscriber>#<event id>`. */
export interface InboxRecord {
  readonly message: string;
  readonly type: string;
  readonly source: string;
  /** RFC 3339: when the queue got it. */
  readonly publishedAt: string;
  /** How often the queue had handed it out when it was handled. */
  readonly attempts: number;
  /** Why nothing was done about it, if so. */
  readonly ignored?: string;
}

/** The write that only the first handling of a message can make. */
export function inboxPut(table: string, record: InboxRecord, now: number, retention: number) {
  return {
    TableName: table,
    Item: {
      ...record,
      handledAt: new Date(now).toISOString(),
      expiresAt: Math.floor(now / 1000) + retention,
    },
    ConditionExpression: "attribute_not_exists(#message)",
    ExpressionAttributeNames: { "#message": "message" },
  } satisfies PutCommandInput;
}

const secondsPerDay = 24 * 60 * 60;

/** The message is so old that the record of its having been handled may be gone. It is dead-lettered at once. */
export class MessageTooOld extends Error {
  override readonly name = "MessageTooOld";
  readonly permanent = true;
}

/**
 * Takes no message that the inbox could have forgotten: its row is kept for `retention` seconds from its handling, which
 * cannot have been before the commit that `time` names. The margin, a tenth of the retention and at most a day, is for
 * clocks that disagree: those of the committing machine, of the one that wrote the row, and this one.
 * @throws MessageTooOld
 */
export function refuseTooOld(
  { id, type, time }: Pick<Envelope, "id" | "type" | "time">,
  now: number,
  retention: number,
) {
  const limit = retention - Math.min(retention / 10, secondsPerDay);
  if (now - Date.parse(time) <= limit * 1000) return;
  throw new MessageTooOld(
    `${type} ${id} is from ${time}, and messages are handled for ${(limit / secondsPerDay).toFixed(1)} days: the inbox would no longer know whether this one was. See what became of it, and drop it or put its effect right by hand.`,
  );
}
