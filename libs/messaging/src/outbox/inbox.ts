import type { Envelope } from "../events/index.ts";

/*
 * An event is known by its source and its id, and two sources may choose the same id. Practically none do, so the key of an
 * inbox row is `<subscriber>#<event id>`, and the row holds a record for each source:
 *
 * - the first    its attributes are those of the row; `source` says which source it is
 * - others       each is a map in an attribute `from <source>`
 *
 * One write records a message, under a condition that only the first handling can meet. Where the condition fails, the row
 * that DynamoDB returns tells whether this source is in it. So nothing is read, and one row expires for all of its records:
 * a record of its own could outlive the row, and the next delivery would take the free key.
 */

/** The record of a message in the inbox. */
export interface InboxRecord {
  /** Key of the row, see `inboxKey`. */
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

type Item = Readonly<Record<string, unknown>>;

/**
 * Key of the inbox row for events with this id: `<subscriber>#<event id>`. An id that begins with `blocked#` would be the key
 * of a blocked group's marker (`blockedKey`), so it is percent-encoded; and so is one that begins with `blocked%`, which could
 * be taken for an encoded one.
 */
export function inboxKey(subscriber: string, eventId: string): string {
  const id = /^blocked[#%]/.test(eventId) ? encodeURIComponent(eventId.toWellFormed()) : eventId;
  return `${subscriber}#${id}`;
}

/**
 * The record of the event from this source in its inbox row: `type`, `publishedAt`, `handledAt`, `attempts`, `ignored`.
 * Undefined when the row is that of other sources alone. A row without a source counts for every one.
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
  /** Seconds. */
  readonly retention: number;
}

/** The write of a record, which takes effect once for each message. */
export class Recording {
  readonly #record: InboxRecord;
  readonly #options: RecordingOptions;
  /** The row that is there, with records of other sources alone. */
  #row: Item | undefined;

  constructor(record: InboxRecord, options: RecordingOptions) {
    this.#record = record;
    this.#options = options;
  }

  /** To be tried next. */
  get write() {
    return this.#row === undefined ? { Put: this.#newRow() } : { Update: this.#besideOthers(this.#row) };
  }

  /**
   * Takes the row that failed the condition of `write`, undefined if it has gone. True when there is another write to try;
   * false when the message has been recorded before.
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
    return Math.floor(this.#options.now / 1000) + this.#options.retention;
  }
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
