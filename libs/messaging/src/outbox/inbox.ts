import type { Envelope } from "../events/index.ts";

/*
 * Source and id together identify an event: two sources may choose the same id. Hardly any do, so the key of an inbox row is
 * `<subscriber>#<event id>`, and the row holds a record for each source:
 *
 * - the first    its attributes are those of the row; `source` names the source
 * - others       each is a map in an attribute `from <source>`
 *
 * One write records a message, under a condition that only the first handling meets. When the condition fails, DynamoDB
 * returns the row, which tells whether it has a record of this source. So a delivery reads nothing. All records of a row
 * expire together: a separate record could outlive the row, and the next delivery would take the free key.
 */

/** The record of a message in the inbox. */
export interface InboxRecord {
  /** Key of the row, see `inboxKey`. */
  readonly message: string;
  readonly type: string;
  readonly source: string;
  /** RFC 3339: when the queue received it. */
  readonly publishedAt: string;
  /** Its receive count when it was handled. */
  readonly attempts: number;
  /** The handler's reason, if it ignored the message. */
  readonly ignored?: string;
}

type Item = Readonly<Record<string, unknown>>;

/**
 * Key of the inbox row for events with this id: `<subscriber>#<event id>`. An id that begins with `blocked#` would collide
 * with a blocked group's marker (`blockedKey`), so it is percent-encoded. So is an id that begins with `blocked%`, which
 * would collide with an encoded one.
 */
export function inboxKey(subscriber: string, eventId: string): string {
  const id = /^blocked[#%]/.test(eventId) ? encodeURIComponent(eventId.toWellFormed()) : eventId;
  return `${subscriber}#${id}`;
}

/**
 * The record of the event from this source in its inbox row: `type`, `publishedAt`, `handledAt`, `attempts`, `ignored`.
 * Undefined when the row has records of other sources only. A row without a source is a record of every source.
 */
export function inboxRecord(row: Item, source: string): Item | undefined {
  if (row.source === undefined || row.source === source) return row;
  return row[fromSource(source)] as Item | undefined;
}

function fromSource(source: string): string {
  return `from ${source}`;
}

export interface RecordingOptions {
  readonly table: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly retentionSeconds: number;
}

/** The write of a record, which takes effect once for each message: a new row, or an addition to other sources' row. */
export class Recording {
  readonly #record: InboxRecord;
  readonly #options: RecordingOptions;
  /** The existing row, with records of other sources only. */
  #row: Item | undefined;

  constructor(record: InboxRecord, options: RecordingOptions) {
    this.#record = record;
    this.#options = options;
  }

  /** The next write to try. */
  get write() {
    return this.#row === undefined ? { Put: this.#newRow() } : { Update: this.#besideOthers(this.#row) };
  }

  /**
   * Takes the row that failed the condition of `write`, undefined if it no longer exists. Returns true when there is another
   * write to try, and false when the row has this message.
   */
  retry(found: Item | undefined): boolean {
    const wasUpdate = this.#row !== undefined;
    this.#row = found;
    return found === undefined ? wasUpdate : inboxRecord(found, this.#record.source) === undefined;
  }

  #newRow() {
    return {
      TableName: this.#options.table,
      Item: { ...this.#record, handledAt: this.#handledAt, expiresAt: this.#expiresAt },
      ConditionExpression: "attribute_not_exists(#message)",
      ExpressionAttributeNames: { "#message": "message" },
      ReturnValuesOnConditionCheckFailure: "ALL_OLD",
    } as const;
  }

  #besideOthers({ expiresAt }: Item) {
    const { message, source, ...record } = this.#record;
    return {
      TableName: this.#options.table,
      Key: { message },
      UpdateExpression: "SET #from = :record, #expiresAt = :expiresAt",
      ConditionExpression: "attribute_exists(#source) AND #source <> :source AND attribute_not_exists(#from)",
      ExpressionAttributeNames: { "#from": fromSource(source), "#source": "source", "#expiresAt": "expiresAt" },
      ExpressionAttributeValues: {
        ":record": { ...record, handledAt: this.#handledAt },
        ":source": source,
        // The row must outlive every record in it.
        ":expiresAt": Math.max(this.#expiresAt, Number(expiresAt) || 0),
      },
      ReturnValuesOnConditionCheckFailure: "ALL_OLD",
    } as const;
  }

  get #handledAt(): string {
    return new Date(this.#options.now).toISOString();
  }

  get #expiresAt(): number {
    return Math.floor(this.#options.now / 1000) + this.#options.retentionSeconds;
  }
}

const secondsPerDay = 24 * 60 * 60;

/** The message is so old that its inbox record may have expired. It is dead-lettered at once. */
export class MessageTooOldError extends Error {
  override readonly name = "MessageTooOldError";
  readonly permanent = true;
}

/**
 * Rejects a message whose inbox record may have expired. The record is kept for `retentionSeconds` from the message's
 * handling, and thus at least that long from its commit (`time`). The margin, a tenth of the retention and at most a day,
 * allows for the clocks of the committing, the recording and this machine to differ.
 * @throws MessageTooOldError
 */
export function refuseTooOld(
  { id, type, time }: Pick<Envelope, "id" | "type" | "time">,
  now: number,
  retentionSeconds: number,
) {
  const limitSeconds = retentionSeconds - Math.min(retentionSeconds / 10, secondsPerDay);
  if (now - Date.parse(time) <= limitSeconds * 1000) return;
  throw new MessageTooOldError(
    `${type} ${id} is from ${time}, and messages are handled for ${(limitSeconds / secondsPerDay).toFixed(1)} days: its inbox record may have expired. Check whether its effect is there; then drop the message, or correct the state by hand.`,
  );
}
