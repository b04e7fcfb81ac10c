import { type Envelope, fromWire } from "../../src/events/envelope.ts";
import type { Item } from "../../src/testing/dynamodb/attribute-values.ts";
import type { ItemChange } from "../../src/testing/dynamodb/table.ts";
import { textOf } from "./events.ts";
import { tables } from "./tables.ts";

/** Text of an event that an operator added by hand, to a commit without events that later commits followed. */
export const lateText = (version: number): string => `late.${version}`;

export function isLate(text: string): boolean {
  return text.startsWith("late.");
}

export interface CommittedEvent {
  readonly id: string;
  readonly type: string;
  readonly aggregate: string;
  readonly version: number;
  readonly text: string;
  readonly correlationId: string;
  readonly causationId: string | undefined;
}

/** Whether an item is the index of the markers beside it, in the parked table or in an inbox. */
export function isMarkerIndex({ aggregate, message }: Item): boolean {
  return aggregate?.S === "the tally" || message?.S?.endsWith("#blocked#") === true;
}

/** The effects in the tables, independent of what callers know. */
export class Observations {
  readonly events: CommittedEvent[] = [];
  /** `<subscriber>#<event id>` of every inbox row. */
  readonly handled = new Set<string>();
  /** Aggregates that were ever parked. */
  readonly parked = new Set<string>();
  /** `<subscriber>#blocked#<group>` of every group that was ever blocked. */
  readonly blocked = new Set<string>();
  /** The unhandled event that the last check found. Usually it is still unhandled, so the next check is cheap. */
  #unhandled: CommittedEvent | undefined;
  readonly #object: (key: string) => Uint8Array | undefined;

  /** @param object returns the bucket's object of a key. */
  constructor(object: (key: string) => Uint8Array | undefined) {
    this.#object = object;
  }

  observe({ table, before, after }: ItemChange): void {
    if (before !== undefined || after === undefined || isMarkerIndex(after)) return;
    const message = after.message?.S ?? "";
    if (table === tables.inbox) (message.includes("#blocked#") ? this.blocked : this.handled).add(message);
    if (table === tables.parked) this.parked.add(after.aggregate?.S ?? "");
    if (table !== tables.outbox) return;
    for (const { M: event = {} } of after.events?.L ?? []) this.#committed(after, event);
  }

  #committed(row: Item, event: Item): void {
    const envelope = fromWire(event.json?.S ?? "");
    const id = event.id?.S ?? "";
    const text = textOf(this.#dataOf(envelope));
    // The operator repeats an unanswered put, also after the row has expired. It is the same event.
    if (isLate(text) && this.events.some((known) => known.id === id)) return;
    this.events.push({
      id,
      type: event.type?.S ?? "",
      aggregate: row.aggregate?.S ?? "",
      version: Number(row.version?.N),
      text,
      correlationId: envelope.correlationid,
      causationId: envelope.causationid,
    });
  }

  /** Large data is stored before the message that refers to it. */
  #dataOf({ data, dataref, source, id }: Envelope): unknown {
    if (dataref === undefined) return data;
    const kept = this.#object(`${source.slice(1)}/${id}`);
    return kept === undefined ? { text: `nothing at ${dataref}` } : JSON.parse(Buffer.from(kept).toString());
  }

  /** The texts of an aggregate's events in the order of their versions. */
  textsOf(aggregate: string): string[] {
    return this.events
      .filter((event) => event.aggregate === aggregate)
      .sort((a, b) => a.version - b.version)
      .map(({ text }) => text);
  }

  /** A version without events, below the aggregate's newest version with events. */
  silentVersionOf(aggregate: string): number | undefined {
    const versions = new Set(
      this.events.filter((event) => event.aggregate === aggregate).map(({ version }) => version),
    );
    for (let version = Math.max(...versions) - 1; version > 0; version--) if (!versions.has(version)) return version;
    return undefined;
  }

  /** Whether each subscriber has handled each event, except for the excepted ones. */
  everythingHandled(
    subscribers: readonly string[],
    excepted: (event: CommittedEvent) => boolean = () => false,
  ): boolean {
    const isUnhandled = (event: CommittedEvent) =>
      !excepted(event) && subscribers.some((subscriber) => !this.handled.has(`${subscriber}#${event.id}`));
    // Called at each turn of time.
    if (this.#unhandled === undefined || !isUnhandled(this.#unhandled)) this.#unhandled = this.events.find(isUnhandled);
    return this.#unhandled === undefined;
  }
}
