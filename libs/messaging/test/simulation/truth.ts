import { type Envelope, fromWire } from "../../src/events/envelope.ts";
import type { Item } from "../../src/testing/dynamodb/attribute-values.ts";
import type { ItemChange } from "../../src/testing/dynamodb/table.ts";
import { textOf } from "./events.ts";

export const tables = {
  notes: "notes",
  claims: "claims",
  tallies: "tallies",
  outbox: "notes-outbox",
  parked: "notes-parked",
  inbox: "notes-inbox",
  pages: "pages",
  copies: "copies",
} as const;

export const claimBucket = "notes-claims";

/** All of which handle every event. */
export const subscribers = ["pager", "copier"] as const;

/** News that somebody added by hand, to a commit that had none and has been followed by others. */
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

/** What really took effect, as the tables themselves saw it, whatever anybody was told. */
export class Truth {
  readonly events: CommittedEvent[] = [];
  /** `<subscriber>#<event id>` of every inbox row. */
  readonly handled = new Set<string>();
  /** Aggregates that were parked, whether they still are or not. */
  readonly parked = new Set<string>();
  /** `<subscriber>#blocked#<group>` of every group that was blocked, whether it still is or not. */
  readonly blocked = new Set<string>();
  /** One that was found to be left the last time: it mostly still is. */
  #left: CommittedEvent | undefined;
  readonly #object: (key: string) => Uint8Array | undefined;

  /** @param object what the bucket holds by a key. */
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
    // A put by hand that went unanswered comes again, also when its row has expired meanwhile: it is the same event.
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

  /** Large data is there before it is referred to. */
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

  /** A version below the aggregate's newest news that had none: its commit was a silent one. */
  silentVersionOf(aggregate: string): number | undefined {
    const versions = new Set(
      this.events.filter((event) => event.aggregate === aggregate).map(({ version }) => version),
    );
    for (let version = Math.max(...versions) - 1; version > 0; version--) if (!versions.has(version)) return version;
    return undefined;
  }

  /** Whether each event, but for the excepted, has reached each of the subscribers. */
  everythingHandled(
    subscribers: readonly string[],
    excepted: (event: CommittedEvent) => boolean = () => false,
  ): boolean {
    const isLeft = (event: CommittedEvent) =>
      !excepted(event) && subscribers.some((subscriber) => !this.handled.has(`${subscriber}#${event.id}`));
    // Asked at each turn of time.
    if (this.#left === undefined || !isLeft(this.#left)) this.#left = this.events.find(isLeft);
    return this.#left === undefined;
  }
}
