import { expect, test } from "vitest";
import { type Counters, countersOf, growth, sumOf, waitingCallersIn } from "./counters.ts";
import { Metrics } from "./read-metrics.ts";

const text = `# HELP outbox_commit_duration_seconds How long commits took
outbox_commit_duration_seconds_bucket{le="0.005",source="/doubleshot/orders",outcome="committed"} 2
outbox_commit_duration_seconds_sum{source="/doubleshot/orders",outcome="committed"} 0.25
outbox_commit_duration_seconds_count{source="/doubleshot/orders",outcome="committed"} 5
outbox_commit_duration_seconds_count{source="/doubleshot/orders",outcome="refused"} 7
subscriber_process_duration_seconds_count{subscriber="orders",outcome="committed"} 3
subscriber_process_duration_seconds_count{subscriber="orders",outcome="ignored"} 1
subscriber_process_duration_seconds_count{subscriber="orders",outcome="duplicate"} 2
subscriber_lag_seconds_sum{subscriber="orders"} 1.5
subscriber_retries_total{subscriber="orders"} 1
subscriber_process_duration_seconds_count{subscriber="orders",outcome="unknown"} 5
subscriber_process_duration_seconds_count{subscriber="orders",outcome="failed"} 1
orders_waiting 4
nodejs_version_info{version="v24.0.0"} 1
broken_line NaN
`;

test("counters are read by their outcome from Prometheus's text", () => {
  const metrics = new Metrics(text);
  expect(countersOf(metrics)).toEqual({
    commits: 5,
    commitSeconds: 0.25,
    deliveries: 12,
    handled: 4,
    handledLagSeconds: 1.5,
    duplicates: 2,
    retries: 1,
    failures: 1,
    answeredCustomers: 0,
    waitSeconds: 0,
  });
  expect(waitingCallersIn(metrics)).toBe(4);
  expect(countersOf(new Metrics("<html>no metrics</html>"))).toMatchObject({ commits: 0, handled: 0 });
});

test("growth is the difference, and after a restart the new count", () => {
  const before = countersOf(new Metrics(text));
  const now: Counters = { ...before, commits: 9, duplicates: 3 };
  expect(growth(before, now)).toMatchObject({ commits: 4, duplicates: 1, handled: 0 });
  const restarted: Counters = { ...before, commits: 2, handled: 1 };
  expect(growth(before, restarted)).toMatchObject({ commits: 2, handled: 1 });
  expect(sumOf([before, now])).toMatchObject({ commits: 14, handled: 8 });
});
