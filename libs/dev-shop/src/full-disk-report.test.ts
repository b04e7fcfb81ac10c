import { afterEach, expect, test, vi } from "vitest";
import { fullDiskReport } from "./full-disk-report.ts";

afterEach(() => vi.useRealTimers());

/** As the services log it when dynoxide cannot write. */
const message =
  "commit failed (backend: database or disk is full) and rollback also failed (backend: cannot rollback - no transaction is active)";
const failure = JSON.stringify({
  level: "warn",
  err: { type: "InternalServerError", message },
  msg: "the hint mailbox failed; retrying",
});

test("a full disk is reported with its folder, once a minute", () => {
  vi.useFakeTimers({ toFake: ["performance"] });
  const reports: string[] = [];
  const read = fullDiskReport("/data", (line) => reports.push(line));
  read('{"level":"info","msg":"listening"}');
  expect(reports).toEqual([]);
  read(failure);
  read(failure);
  expect(reports).toEqual([
    "The disk of /data is full, and commits wait: free some space, and the shop goes on by itself.",
  ]);
  vi.advanceTimersByTime(60_000);
  read(failure);
  expect(reports).toHaveLength(2);
});
