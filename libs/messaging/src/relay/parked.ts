import type { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { Markers } from "../markers/index.ts";
import { anObject, checkOptions, having, optional, type Rules, tableName } from "../options/index.ts";
import { type Clock, realClock } from "../runtime/index.ts";
import type { BacklogRow } from "./backlog.ts";

/*
 * An event that SNS refuses for good is *parked*, in a table beside the outbox, so that the stream goes on. An aggregate is
 * one of:
 * - flowing   it has no marker; the relay publishes its rows
 * - parked    SNS refused one of its events for good. The table has that row and a marker, and every later row is parked
 *             behind it, because a later event would overtake the refused one.
 *
 * An operator publishes the parked rows in order and deletes the marker; then the aggregate is flowing again. The deletion
 * fails if a row was parked since the operator read the marker, and parking behind fails if the marker no longer exists. So
 * of a relay that parks and an operator who releases, the second notices: the operator has another row to publish, or the
 * relay publishes as usual.
 *
 * Each invocation reads the index of the markers once, before it publishes. An aggregate's rows reach one invocation at a
 * time, so no other relay can park one of these aggregates meanwhile.
 */

/** The `version` in a marker's key. The rows of commits have versions from 1. */
export const parkedMarkerVersion = 0;

export interface ParkedMarker {
  readonly aggregate: string;
  readonly version: typeof parkedMarkerVersion;
  /** Version of the row that was parked last: the highest, unless a row that was written by hand came late. */
  readonly upTo: number;
  /**
   * Number of rows parked. A repeated batch parks released rows again, and may set `upTo` back to an earlier value; this
   * number still changes. Earlier versions of the library did not write it.
   */
  readonly changes?: number;
  /** RFC 3339. */
  readonly since: string;
}

/** The unpublished events of one outbox row. */
export interface ParkedRow {
  readonly aggregate: string;
  readonly version: number;
  readonly events: BacklogRow["events"];
  readonly reason: ParkedReason;
  /** RFC 3339. */
  readonly parkedAt: string;
  /** An unreadable row as DynamoDB JSON. */
  readonly row?: string;
}

export interface ParkedReason {
  /** SNS's error code, `MalformedRow`, or `Behind` for a row that waits for an earlier one. */
  readonly code: string;
  readonly message: string;
}

export interface ParkingOptions {
  readonly client: DynamoDBDocumentClient;
  /**
   * Key `aggregate` (S), `version` (N); no stream and no TTL. For this outbox only, because another may have aggregates of the
   * same names.
   */
  readonly table: string;
  /** For tests. */
  readonly clock?: Clock;
}

export const parkingRules: Rules<ParkingOptions> = {
  client: having("a DynamoDBDocumentClient", "send"),
  table: tableName,
  clock: optional(anObject),
};

/** Key of the index of the markers. No aggregate has a space in its name. */
const index = { aggregate: "the tally", version: parkedMarkerVersion };

/** Whether an item of the parked table is the index of its markers, instead of a marker or a row. */
export function isParkedIndex({ aggregate }: Readonly<Record<string, unknown>>): boolean {
  return aggregate === index.aggregate;
}

function markersOf({ client, table, clock = realClock }: ParkingOptions): Markers {
  return new Markers({ client, table, name: "aggregate", index, clock });
}

const markerKey = (aggregate: string) => ({ aggregate, version: parkedMarkerVersion });

/**
 * Releases an aggregate, for an operator's tool that has published all parked rows that were there when it read this marker.
 * Returns false, and the aggregate stays parked, if another row was parked since. After a release, the tool may delete the
 * rows.
 */
export async function releaseParked(
  options: ParkingOptions,
  { aggregate, upTo, changes }: Pick<ParkedMarker, "aggregate" | "upTo" | "changes">,
): Promise<boolean> {
  checkOptions("releaseParked", options, parkingRules);
  const unchanged = changes === undefined ? "attribute_not_exists(#changes)" : "#changes = :changes";
  return markersOf(options).remove({
    TableName: options.table,
    Key: markerKey(aggregate),
    ConditionExpression: `#upTo = :upTo AND ${unchanged}`,
    ExpressionAttributeNames: { "#upTo": "upTo", "#changes": "changes" },
    ExpressionAttributeValues: { ":upTo": upTo, ...(changes !== undefined && { ":changes": changes }) },
  });
}

/** The parked aggregates of an outbox. */
export class ParkedAggregates {
  readonly #options: ParkingOptions;
  readonly #markers: Markers;

  constructor(options: ParkingOptions) {
    this.#options = options;
    this.#markers = markersOf(options);
  }

  /** Returns the parked ones among the aggregates, by a consistent read. `parkBehind` tells whether each still is. */
  async among(aggregates: readonly string[], signal: AbortSignal): Promise<Set<string>> {
    const parked = await this.#markers.present(aggregates.map(markerKey), signal);
    return new Set(parked.map(({ aggregate }) => aggregate));
  }

  /** Parks the row that SNS refused, and the aggregate with it. */
  async park(row: Omit<ParkedRow, "parkedAt">, signal: AbortSignal): Promise<void> {
    // An operator may release the aggregate between the two writes.
    for (;;) {
      if ((await this.#write(row, "first", signal)) === "written") return;
      // An earlier, interrupted try may have parked the row.
      if ((await this.#write(row, "behind", signal)) !== "no-marker") return;
    }
  }

  /** Parks a row of a parked aggregate. Returns `released` if the aggregate is no longer parked. */
  async parkBehind(row: Omit<ParkedRow, "parkedAt" | "reason">, signal: AbortSignal): Promise<"parked" | "released"> {
    const parked = { ...row, reason: { code: "Behind", message: "An earlier version is parked." } };
    return (await this.#write(parked, "behind", signal)) === "no-marker" ? "released" : "parked";
  }

  /**
   * Writes marker and row in one transaction, so the row that `upTo` names exists. The row's own condition tells whether it is
   * parked already; `upTo` does not, because a row that was written by hand may come after later ones.
   */
  async #write(
    row: Omit<ParkedRow, "parkedAt">,
    as: "first" | "behind",
    signal: AbortSignal,
  ): Promise<"written" | "already-parked" | "no-marker"> {
    const { table, clock = realClock } = this.#options;
    const parkedAt = new Date(clock.now()).toISOString();
    const raise = {
      TableName: table,
      Key: markerKey(row.aggregate),
      UpdateExpression: "SET #upTo = :version, #since = if_not_exists(#since, :now) ADD #changes :one",
      ConditionExpression: as === "first" ? "attribute_not_exists(#upTo)" : "attribute_exists(#upTo)",
      ExpressionAttributeNames: { "#upTo": "upTo", "#since": "since", "#changes": "changes" },
      ExpressionAttributeValues: { ":version": row.version, ":now": parkedAt, ":one": 1 },
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
    if (result.written) return "written";
    // The first write is the marker's.
    return as === "first" || result.failures[0] === undefined ? "already-parked" : "no-marker";
  }
}
