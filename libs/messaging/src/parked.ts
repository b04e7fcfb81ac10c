import type { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import type { BacklogRow } from "./backlog.ts";
import { type Clock, realClock } from "./clock.ts";
import { type Key, Markers } from "./markers.ts";
import { uuidv7 } from "./uuidv7.ts";

/*
 * What SNS will never take stands aside, so that the stream can go on: it is *parked*, in a table beside the outbox.
 *
 * An aggregate is *flowing* until SNS refuses one of its events for good. That row is parked, with a marker that says
 * which row was parked last: the aggregate is now *parked*, and every row of it that comes is parked behind, because an
 * event that overtook the refused one would break the aggregate's order. It flows again when an operator has published
 * what is parked, in order, and deletes the marker; the deletion holds only as long as nothing was parked since they read the marker, and parking
 * behind holds only while the marker is there. So of a relay that parks and an operator who releases at the same time,
 * whoever comes second notices: the operator finds another row to publish, or the relay publishes as usual. An invocation
 * that has parked something ends when all relays see it, see `tally.ts`: later rows of the aggregate come in a later one.
 *
 * A marker has an id of its own. Once a relay has found that all see it, it parks behind it on the condition that it is
 * still that one, which then has been there all the time: nothing need be read, neither before nor after.
 */

/** Version 0 is no aggregate's: under it stands the marker. */
const markerVersion = 0;

export interface ParkedMarker {
  readonly aggregate: string;
  readonly version: typeof markerVersion;
  /** Version of the row that was parked last: the highest, unless one came late that was written by hand. */
  readonly upTo: number;
  /**
   * How many rows have been parked behind it. A batch that is repeated parks again what has been released of it, and may
   * set `upTo` back to what it was before: this tells. Not there in one of an earlier version.
   */
  readonly changes?: number;
  /** RFC 3339. */
  readonly since: string;
  /** Never that of another marker, also of the same aggregate. Not there in one of an earlier version. */
  readonly id?: string;
}

/** What is left to publish of one outbox row. */
export interface ParkedRow {
  readonly aggregate: string;
  readonly version: number;
  readonly events: BacklogRow["events"];
  readonly reason: ParkedReason;
  /** RFC 3339. */
  readonly parkedAt: string;
  /** The stored row as DynamoDB JSON, when it is one that cannot be read. */
  readonly row?: string;
}

export interface ParkedReason {
  /** SNS's error code, `MalformedRow`, or `Behind` for a row that waits for an earlier one. */
  readonly code: string;
  readonly message: string;
}

export interface ParkingOptions {
  readonly client: DynamoDBDocumentClient;
  /** Key `aggregate` (S), `version` (N); no stream and no TTL. */
  readonly table: string;
  /** For tests. */
  readonly clock?: Clock;
}

/** No aggregate has a space in its name: under this one stands the tally of the markers. */
const tally = { aggregate: "the tally", version: markerVersion };

/** Whether an item of the parked table is the tally of its markers, and neither a marker nor a row. */
export function isParkedTally({ aggregate }: Readonly<Record<string, unknown>>): boolean {
  return aggregate === tally.aggregate;
}

function markersOf({ client, table, clock = realClock }: ParkingOptions): Markers {
  return new Markers({ client, table, name: "aggregate", tally, clock });
}

const markerKey = (aggregate: string) => ({ aggregate, version: markerVersion });

/**
 * Lets an aggregate flow again, for an operator who has published all that is parked of it, as it was when they read this
 * marker: false, and it stays parked, if more was parked meanwhile. The rows without their marker are nobody's, and may be
 * deleted.
 */
export function releaseParked(
  options: ParkingOptions,
  { aggregate, upTo, changes }: Pick<ParkedMarker, "aggregate" | "upTo" | "changes">,
): Promise<boolean> {
  const unchanged = changes === undefined ? "attribute_not_exists(#changes)" : "#changes = :changes";
  return markersOf(options).remove({
    TableName: options.table,
    Key: markerKey(aggregate),
    ConditionExpression: `#upTo = :upTo AND ${unchanged}`,
    ExpressionAttributeNames: { "#upTo": "upTo", "#changes": "changes" },
    ExpressionAttributeValues: { ":upTo": upTo, ...(changes !== undefined && { ":changes": changes }) },
  });
}

export type ParkedBehind = "parked" | "seen" | "released";

interface KnownMarker {
  readonly id: string;
  /** All relays see it, as long as it is there. */
  isSeen: boolean;
}

/** The parked aggregates of an outbox. */
export class ParkedAggregates {
  readonly #options: ParkingOptions;
  readonly #markers: Markers;
  /** Markers that this process has read or written, by aggregate. */
  readonly #known = new Map<string, KnownMarker>();

  constructor(options: ParkingOptions) {
    this.#options = options;
    this.#markers = markersOf(options);
  }

  /**
   * Which of the aggregates are parked. Those that were when all relays saw it are not asked about: parking behind tells.
   * Takes no call but for others that may be, see `Markers.suspected`.
   */
  async among(aggregates: readonly string[], signal: AbortSignal): Promise<Set<string>> {
    const suspects = await this.#markers.suspected(aggregates.map(markerKey), signal);
    const isSeen = ({ aggregate }: Key) => this.#known.get(String(aggregate))?.isSeen === true;
    const found = await this.#markers.read(
      suspects.filter((key) => !isSeen(key)),
      signal,
    );
    const markers = found as unknown[] as ParkedMarker[];
    for (const { aggregate, id } of markers) if (id !== undefined) this.#known.set(aggregate, { id, isSeen: false });
    return new Set([...suspects.filter(isSeen), ...markers].map(({ aggregate }) => String(aggregate)));
  }

  /** Parks the row that SNS refused, and the aggregate with it. */
  async park(row: Omit<ParkedRow, "parkedAt">, signal: AbortSignal): Promise<void> {
    // Between the two, an operator may have released the aggregate.
    for (;;) {
      if ((await this.#write(row, "first", signal)) === "written") return;
      // An earlier, interrupted try has parked it.
      if ((await this.#write(row, "behind", signal)) !== "no marker") return;
    }
  }

  /**
   * Parks a row behind its parked aggregate; `released` when the aggregate is not parked any more. What was parked as
   * `seen` need not be waited for: its marker is one that all relays see, and has been there all the time.
   */
  async parkBehind(row: Omit<ParkedRow, "parkedAt" | "reason">, signal: AbortSignal): Promise<ParkedBehind> {
    const parked = { ...row, reason: { code: "Behind", message: "An earlier version is parked." } };
    const known = this.#known.get(row.aggregate);
    if (known?.isSeen && (await this.#write(parked, known, signal)) !== "no marker") return "seen";
    if ((await this.#write(parked, "behind", signal)) !== "no marker") return "parked";
    this.#known.delete(row.aggregate);
    return "released";
  }

  /** See `Markers.seenByAll`. */
  async seenByAll(aggregates: readonly string[], signal: AbortSignal): Promise<boolean> {
    const known = aggregates.map((aggregate) => this.#known.get(aggregate));
    if (!(await this.#markers.seenByAll(aggregates.map(markerKey), signal))) return false;
    for (const marker of known) if (marker !== undefined) marker.isSeen = true;
    return true;
  }

  /**
   * Marker and row go together: what `upTo` names is there to be published. Whether a row is there already is asked of the
   * row, not of `upTo`: one written by hand may come after later ones.
   */
  async #write(
    row: Omit<ParkedRow, "parkedAt">,
    as: "first" | "behind" | KnownMarker,
    signal: AbortSignal,
  ): Promise<"written" | "there already" | "no marker"> {
    const { table, clock = realClock } = this.#options;
    const parkedAt = new Date(clock.now()).toISOString();
    const id = typeof as === "object" ? as.id : uuidv7(clock.now(), clock.randomBytes(16));
    const condition = { first: "attribute_not_exists(#upTo)", behind: "attribute_exists(#upTo)", known: "#id = :id" };
    const raise = {
      TableName: table,
      Key: markerKey(row.aggregate),
      UpdateExpression:
        "SET #upTo = :version, #since = if_not_exists(#since, :now), #id = if_not_exists(#id, :id) ADD #changes :one",
      ConditionExpression: condition[typeof as === "object" ? "known" : as],
      ExpressionAttributeNames: { "#upTo": "upTo", "#since": "since", "#id": "id", "#changes": "changes" },
      ExpressionAttributeValues: { ":version": row.version, ":now": parkedAt, ":id": id, ":one": 1 },
    } as const;
    const marker = { Update: raise };
    const unlessThere = {
      ConditionExpression: "attribute_not_exists(#aggregate)",
      ExpressionAttributeNames: { "#aggregate": "aggregate" },
    };
    const Item = { ...row, events: [...row.events], parkedAt };
    const put = { Put: { TableName: table, Item, ...(as !== "first" && unlessThere) } };
    const result =
      as === "first"
        ? await this.#markers.create(markerKey(row.aggregate), [marker, put], signal)
        : await this.#markers.change([marker, put], signal);
    if (result.written && as === "first") this.#known.set(row.aggregate, { id, isSeen: false });
    if (result.written) return "written";
    // The first is the marker's.
    return as === "first" || result.failures[0] === undefined ? "there already" : "no marker";
  }
}
