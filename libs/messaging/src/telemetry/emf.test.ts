import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { emfMetrics } from "./emf.ts";

beforeEach(() => {
  vi.spyOn(Date, "now").mockReturnValue(1_700_000_000_000);
});
afterEach(() => vi.restoreAllMocks());

function collectedMetrics() {
  const lines: string[] = [];
  const metrics = emfMetrics({ namespace: "Shop", write: (line) => lines.push(line) });
  return { metrics, lines, documents: () => lines.map((line) => JSON.parse(line)) };
}

test("an invocation is one line: counters summed, each value of a histogram, labels as dimensions", () => {
  const { metrics, documents, lines } = collectedMetrics();
  metrics.record("relay.published", 10, { source: "/shop" });
  metrics.record("relay.published", 2, { source: "/shop" });
  metrics.record("relay.lag", 0.2, { source: "/shop" });
  metrics.record("relay.lag", 1.5, { source: "/shop" });
  metrics.flush();
  expect(documents()).toEqual([
    {
      _aws: {
        Timestamp: 1_700_000_000_000,
        CloudWatchMetrics: [
          {
            Namespace: "Shop",
            Dimensions: [["Source"]],
            Metrics: [
              { Name: "RelayPublished", Unit: "Count" },
              { Name: "RelayLag", Unit: "Seconds" },
            ],
          },
        ],
      },
      Source: "/shop",
      RelayPublished: 12,
      RelayLag: [0.2, 1.5],
    },
  ]);
  expect(lines[0]).not.toContain("\n");
});

test("a measurement is written once, and a flush without measurements writes no line", () => {
  const { metrics, lines } = collectedMetrics();
  metrics.flush();
  metrics.record("relay.parked", 1, { source: "/shop" });
  metrics.flush();
  metrics.flush();
  expect(lines).toHaveLength(1);
});

test("a metric has at most a hundred values a line, and a counter counts in one of them", () => {
  const { metrics, documents } = collectedMetrics();
  metrics.record("relay.published", 250, { source: "/shop" });
  for (let n = 0; n < 250; n++) metrics.record("relay.lag", n, { source: "/shop" });
  metrics.flush();
  expect(documents().map(({ RelayLag }) => RelayLag.length)).toEqual([100, 100, 50]);
  expect(documents().flatMap(({ RelayLag }) => RelayLag)).toEqual(Array.from({ length: 250 }, (_, n) => n));
  expect(documents().map(({ RelayPublished }) => RelayPublished)).toEqual([250, undefined, undefined]);
  const named = documents().map(({ _aws }) => _aws.CloudWatchMetrics[0].Metrics.length);
  expect(named).toEqual([2, 1, 1]);
});

test("each set of labels has a line of its own, and gauges have none", () => {
  const { metrics, documents } = collectedMetrics();
  metrics.record("subscriber.process.duration", 1, { subscriber: "readers", outcome: "committed" });
  metrics.record("subscriber.process.duration", 2, { subscriber: "readers", outcome: "failed" });
  metrics.record("subscriber.in_flight", 1, { subscriber: "readers" });
  metrics.flush();
  expect(documents()).toMatchObject([
    { Subscriber: "readers", Outcome: "committed", SubscriberProcessDuration: 1 },
    { Subscriber: "readers", Outcome: "failed", SubscriberProcessDuration: 2 },
  ]);
  expect(documents()).toHaveLength(2);
});
