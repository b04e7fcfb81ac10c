import { DeleteCommand, ScanCommand } from "@aws-sdk/lib-dynamodb";
import { type AwsClients, conditionHeld, physicalName, type TableSpec, type Topology } from "@doubleshot/topology";
import { type Log, reason } from "../log.ts";
import { pause } from "../pause.ts";

export interface SweepOptions {
  readonly topology: Topology;
  readonly shop: string;
  readonly clients: Pick<AwsClients, "documents">;
  /** Milliseconds between two sweeps; the first comes after one of them. */
  readonly everyMs: number;
  /** Rows of each table that one sweep reads at most; 500 by default. */
  readonly maxRowsPerSweep?: number;
  readonly log: Log;
}

/**
 * Deletes rows whose TTL attribute (epoch seconds) has passed, because dynoxide takes the setting and then keeps them
 * for ever. On AWS this takes up to a few days, so no program may rely on the moment.
 *
 * Each sweep reads one page of each table and the next sweep goes on behind it, so that a sweep costs the same with any
 * history: a table of 100,000 rows is read within three and a half hours.
 */
export function sweepExpired(options: SweepOptions): { stop(): Promise<void> } {
  const stopped = new AbortController();
  const running = sweepUntil(stopped.signal, options);
  return {
    stop: async () => {
      stopped.abort();
      await running;
    },
  };
}

async function sweepUntil(signal: AbortSignal, options: SweepOptions): Promise<void> {
  const tables = Object.entries(options.topology.tables)
    .filter(([, spec]) => spec.ttl !== undefined)
    .map(([name, spec]) => ({ name, sweep: tableSweep(physicalName(options.shop, name), spec, options, signal) }));
  for (;;) {
    await pause(options.everyMs, signal);
    for (const { name, sweep } of tables) {
      if (signal.aborted) return;
      await sweep().catch((error: unknown) => {
        if (!signal.aborted) options.log({ level: "warn", msg: "sweep failed", table: name, reason: reason(error) });
      });
    }
    if (signal.aborted) return;
  }
}

type Key = Record<string, unknown>;

/** Each call sweeps the page behind the one before; after the last page comes the first again. */
function tableSweep(table: string, { ttl = "", key }: TableSpec, options: SweepOptions, signal: AbortSignal) {
  const { clients, maxRowsPerSweep = 500, log } = options;
  const keyNames = [key.partition, ...(key.sort ? [key.sort] : [])].map(({ name }) => name);
  const names = Object.fromEntries([ttl, ...keyNames].map((name, index) => [`#${index}`, name]));
  let lastRead: Key | undefined;
  return async () => {
    const now = Math.floor(Date.now() / 1000);
    const page = await clients.documents.send(
      new ScanCommand({
        TableName: table,
        Limit: maxRowsPerSweep,
        ExclusiveStartKey: lastRead,
        // AWS ignores values more than five years back: they are rather mistakes than dates.
        FilterExpression: "#0 < :now AND #0 > :fiveYearsAgo",
        ProjectionExpression: Object.keys(names).join(", "),
        ExpressionAttributeNames: names,
        ExpressionAttributeValues: { ":now": now, ":fiveYearsAgo": now - 5 * 365 * 24 * 60 * 60 },
      }),
    );
    let deleted = 0;
    for (const row of page.Items ?? []) {
      if (signal.aborted) return;
      const rowKey = Object.fromEntries(keyNames.map((name) => [name, row[name]]));
      if (await deleteUnlessProlonged(clients, table, rowKey, ttl, row[ttl])) deleted += 1;
    }
    lastRead = page.LastEvaluatedKey;
    if (deleted > 0) log({ level: "info", msg: "deleted expired rows", table, deleted });
  };
}

/** The row may have been given more time since the scan saw it. */
async function deleteUnlessProlonged(
  { documents }: SweepOptions["clients"],
  table: string,
  Key: Key,
  ttl: string,
  seen: unknown,
): Promise<boolean> {
  return conditionHeld(
    documents.send(
      new DeleteCommand({
        TableName: table,
        Key,
        ConditionExpression: "#ttl = :seen",
        ExpressionAttributeNames: { "#ttl": ttl },
        ExpressionAttributeValues: { ":seen": seen },
      }),
    ),
  );
}
