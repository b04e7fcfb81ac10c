import type { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { Markers } from "../markers/index.ts";
import {
  anObject,
  type Clock,
  checkOptions,
  having,
  optional,
  type Rules,
  realClock,
  tableName,
} from "../runtime/index.ts";
import type { BacklogRow } from "./backlog.ts";

/*
 * An event that SNS will never take is *parked*, in a table beside the outbox, so that the stream can go on.
 *
 * - flowing   the aggregate has no marker; its rows are published
 * - parked    SNS has refused one of its events for good: that row is in the table, with a marker. Every later row is
 *             parked behind it, because an event that overtook the refused one would break the aggregate's order.
 *
 * The aggregate flows again when an operator has published its parked rows, in order, and deletes the marker. The deletion
 * holds only if nothing was parked since the operator read the marker; parking behind holds only while the marker exists.
 * So when a relay parks and an operator releases at the same time, the second of them notices: the operator finds another
 * row to publish, or the relay publishes as usual.
 *
 * Each invocation reads the index of the markers once, before it publishes. An aggregate's rows reach one invocation at a
 * time, so no other relay can park one of these aggregates meanwhile.
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
  /** Key `aggregate` (S), `version` (N); no stream and no TTL. Of this outbox alone: another may have aggregates of the same names. */
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
const index = { aggregate: "the tally", version: markerVersion };

/** Whether an item of the parked table is the index of its markers, and neither a marker nor a row. */
export function isParkedIndex({ aggregate }: Readonly<Record<string, unknown>>): boolean {
  return aggregate === index.aggregate;
}

function markersOf({ client, table, clock = realClock }: ParkingOptions): Markers {
  return new Markers({ client, table, name: "aggregate", index, clock });
}

const markerKey = (aggregate: string) => ({ aggregate, version: markerVersion });

/**
 * Lets an aggregate flow again, for an operator who has published all that is parked of it, as it was when they read this
 * marker: false, and it stays parked, if more was parked meanwhile. The rows without their marker are nobody's, and may be
 * deleted.
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

  /** Those of the aggregates that are parked, by a consistent read. `parkBehind` tells of each whether it still is. */
  async among(aggregates: readonly string[], signal: AbortSignal): Promise<Set<string>> {
    const parked = await this.#markers.present(aggregates.map(markerKey), signal);
    return new Set(parked.map(({ aggregate }) => aggregate));
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

  /** Parks a row behind its parked aggregate; `released` when the aggregate is not parked any more. */
  async parkBehind(row: Omit<ParkedRow, "parkedAt" | "reason">, signal: AbortSignal): Promise<"parked" | "released"> {
    const parked = { ...row, reason: { code: "Behind", message: "An earlier version is parked." } };
    return (await this.#write(parked, "behind", signal)) === "no marker" ? "released" : "parked";
  }

  /**
   * Marker and row go together: what `upTo` names is there to be published. Whether a row is there already is asked of the
   * row, not of `upTo`: one written by hand may come after later ones.
   */
  async #write(
    row: Omit<ParkedRow, "parkedAt">,
    as: "first" | "behind",
    signal: AbortSignal,
  ): Promise<"written" | "there already" | "no marker"> {
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
    // The first is the marker's.
    return as === "first" || result.failures[0] === undefined ? "there already" : "no marker";
  }
}
