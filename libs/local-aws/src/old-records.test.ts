import { readFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { physicalName } from "@doubleshot/topology";
import { expect, test } from "vitest";
import { newFolder } from "./processes.fixture.ts";
import { aggregateOf, commit, startWithRelay } from "./relay-of-orders.fixture.ts";

test("records that a function did not see within 24 hours are gone, and the log names them", async () => {
  const data = newFolder();
  const log: string[] = [];
  const first = await startWithRelay(async () => undefined, { data });
  await commit(first, ["order#1"]);
  const checkpoint = join(data, "checkpoints", `${physicalName("doubleshot", "orders-outbox-relay")}.json`);
  await expect.poll(() => readFileSync(checkpoint, { encoding: "utf8", flag: "a+" })).toContain("after");
  await first.close();

  const without = await startWithRelay(async () => undefined, { data, functions: {} });
  await commit(without, ["order#2", "order#3"]);
  await without.close();
  const db = new DatabaseSync(join(data, "dynamodb.db"));
  db.exec("UPDATE _stream_records SET created_at = created_at - 25 * 3600");
  db.close();
  // No mapping runs here, so the trim comes first. With a running mapping, either may come first, as on AWS.
  const trimming = await startWithRelay(async () => undefined, { data, functions: {} });
  await expect.poll(() => recordsKept(data)).toBe(1);
  await trimming.close();

  const seen: unknown[] = [];
  const last = await startWithRelay(async ({ Records }) => void seen.push(...Records.map(aggregateOf)), {
    data,
    log: ({ msg }) => log.push(msg),
  });
  await commit(last, ["order#4"]);
  // The third is too old for its mapping; it is kept for the sequence number alone.
  await expect.poll(() => seen).toEqual(["order#4"]);
  expect(log).toContain("records were trimmed before they were read: going on at the oldest");
});

function recordsKept(data: string): unknown {
  const db = new DatabaseSync(join(data, "dynamodb.db"));
  try {
    const sql = "SELECT count(*) AS kept FROM _stream_records WHERE table_name = ?";
    return db.prepare(sql).get(physicalName("doubleshot", "orders-outbox"))?.kept;
  } finally {
    db.close();
  }
}
