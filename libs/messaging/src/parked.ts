import { BatchGetCommand, type DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import type { BacklogRow } from "./backlog.ts";
import { type Clock, realClock } from "./clock.ts";
import { transact } from "./transaction.ts";

/*
 * What SNS will never take stands aside, so that the stream can go on: it is *parked*, in a table beside the outbox.
 *
 * An aggregate is *flowing* until SNS refuses one of its events for good. That row is parked, with a marker that says
 * up to which version rows are: the aggregate is now *parked*, and every later row of it is parked behind, because an
 * event that overtook the refused one would break the aggregate's order. It flows again when an operator has published
 * what is parked, in order, and deletes the marker; the deletion holds only at the `upTo` they published, and parking
 * behind holds only while the marker is there. So of a relay that parks and an operator who releases at the same time,
 * whoever comes second notices: the operator finds another row to publish, or the relay publishes as usual.
 */

/** Version 0 is no aggregate's: under it stands the marker. */
const markerVersion = 0;

export interface ParkedMarker {
  readonly aggregate: string;
  readonly version: typeof markerVersion;
  /** Version of the newest parked row. */
  readonly upTo: number;
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
  /** Key `aggregate` (S), `version` (N); no stream and no TTL. */
  readonly table: string;
  /** For tests. */
  readonly clock?: Clock;
}

/** DynamoDB takes 100 keys a call. @see https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html */
const keysPerRead = 100;

/** Which of the aggregates are parked, consistently: one read for each hundred. */
export async function parkedAmong(
  { client, table }: ParkingOptions,
  aggregates: readonly string[],
  abortSignal: AbortSignal,
): Promise<Set<string>> {
  const parked = new Set<string>();
  let wanted = aggregates.map((aggregate): Record<string, unknown> => ({ aggregate, version: markerVersion }));
  while (wanted.length > 0) {
    const request = { Keys: wanted.slice(0, keysPerRead), ConsistentRead: true };
    const { Responses, UnprocessedKeys } = await client.send(
      new BatchGetCommand({ RequestItems: { [table]: request } }),
      { abortSignal },
    );
    for (const { aggregate } of Responses?.[table] ?? []) parked.add(String(aggregate));
    wanted = [...(UnprocessedKeys?.[table]?.Keys ?? []), ...wanted.slice(keysPerRead)];
  }
  return parked;
}

/** Parks the row that SNS refused, and the aggregate with it. */
export async function park(
  options: ParkingOptions,
  row: Omit<ParkedRow, "parkedAt">,
  signal: AbortSignal,
): Promise<void> {
  // The condition fails only for a row that an earlier, interrupted try has parked already.
  await write(options, row, "attribute_not_exists(#upTo) OR #upTo < :version", signal);
}

/** Parks a row behind its parked aggregate; `released` when the aggregate is not parked any more. */
export async function parkBehind(
  options: ParkingOptions,
  row: Omit<ParkedRow, "parkedAt" | "reason">,
  signal: AbortSignal,
): Promise<"parked" | "released"> {
  const reason = { code: "Behind", message: "An earlier version is parked." };
  const outcome = await write(options, { ...row, reason }, "#upTo < :version", signal);
  return outcome === "no marker" ? "released" : "parked";
}

/** Marker and row go together: what `upTo` names is there to be published. */
async function write(
  { client, table, clock = realClock }: ParkingOptions,
  row: Omit<ParkedRow, "parkedAt">,
  condition: string,
  signal: AbortSignal,
): Promise<"written" | "there already" | "no marker"> {
  const parkedAt = new Date(clock.now()).toISOString();
  const raise = {
    TableName: table,
    Key: { aggregate: row.aggregate, version: markerVersion },
    UpdateExpression: "SET #upTo = :version, #since = if_not_exists(#since, :now)",
    ConditionExpression: condition,
    ExpressionAttributeNames: { "#upTo": "upTo", "#since": "since" },
    ExpressionAttributeValues: { ":version": row.version, ":now": parkedAt },
    ReturnValuesOnConditionCheckFailure: "ALL_OLD",
  } as const;
  const put = { TableName: table, Item: { ...row, events: [...row.events], parkedAt } };
  const result = await transact(client, [{ Update: raise }, { Put: put }], { signal }, clock);
  if (result.written) return "written";
  return result.failures[0]?.found === undefined ? "no marker" : "there already";
}
