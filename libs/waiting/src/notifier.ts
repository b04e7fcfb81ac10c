import { carriedTraceOfActiveSpan } from "./causes.ts";
import type { Hints } from "./hints/index.ts";
import type { VersionedRecord, Waiters } from "./waiters.ts";

export interface NotifierOptions<Item extends VersionedRecord> {
  readonly waiters: Pick<Waiters<Item>, "observe" | "read">;
  readonly hints: Pick<Hints, "instanceId" | "send">;
  /** The instances that wait for this state of the record; this one may be among them, and some may repeat. */
  readonly instancesOf: (record: Item) => readonly string[];
}

/** Notifies the callers that wait for a record, in this process and in others, of its changes. */
export class Notifier<Item extends VersionedRecord> {
  readonly #options: NotifierOptions<Item>;

  constructor(options: NotifierOptions<Item>) {
    this.#options = options;
  }

  /** Call it after the commit, with the record as it is in the table. */
  changed(record: Item): void {
    this.#options.waiters.observe(record);
    this.#sendHints(record);
  }

  /**
   * Call it for a change that may have been notified before: the process that committed it may have died in between. The
   * table may hold a newer state than `record`, so this process reads it.
   */
  changedBefore(record: Item): void {
    void this.#options.waiters.read([record.id]);
    this.#sendHints(record);
  }

  #sendHints(record: Item): void {
    const { hints, instancesOf } = this.#options;
    const { id, version } = record;
    for (const instanceId of new Set(instancesOf(record))) {
      if (instanceId !== hints.instanceId) hints.send(instanceId, { id, version, ...carriedTraceOfActiveSpan() });
    }
  }
}
