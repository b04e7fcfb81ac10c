import { Registry } from "prom-client";
import { expect, test } from "vitest";
import { prometheusMetrics } from "./prometheus.ts";

test("each kind of instrument is what Prometheus has for it, by the name it would have there", async () => {
  const registry = new Registry();
  const metrics = prometheusMetrics(registry);
  metrics.record("relay.unsent", 3, { source: "/shop" });
  metrics.record("relay.unsent", 4, { source: "/shop" });
  metrics.record("subscriber.in_flight", 1, { subscriber: "readers" });
  metrics.record("subscriber.in_flight", 1, { subscriber: "readers" });
  metrics.record("subscriber.in_flight", -1, { subscriber: "readers" });
  metrics.record("subscriber.process.duration", 0.3, { subscriber: "readers", outcome: "duplicate" });
  metrics.record("relay.batch.events", 7, { source: "/shop" });
  const lines = (await registry.metrics()).split("\n");
  expect(lines).toContain('relay_unsent_total{source="/shop"} 7');
  expect(lines).toContain('subscriber_in_flight{subscriber="readers"} 1');
  expect(lines).toContain('subscriber_process_duration_seconds_count{subscriber="readers",outcome="duplicate"} 1');
  expect(lines).toContain(
    'subscriber_process_duration_seconds_bucket{le="0.25",subscriber="readers",outcome="duplicate"} 0',
  );
  expect(lines).toContain(
    'subscriber_process_duration_seconds_bucket{le="0.5",subscriber="readers",outcome="duplicate"} 1',
  );
  expect(lines).toContain('relay_batch_events_sum{source="/shop"} 7');
});

test("a metric without measurements is not exposed", async () => {
  const registry = new Registry();
  prometheusMetrics(registry).record("relay.parked", 1, { source: "/shop" });
  expect(registry.getMetricsAsArray().map(({ name }) => name)).toEqual(["relay_parked_total"]);
});

test("several outboxes share a registry", async () => {
  const registry = new Registry();
  const all = [prometheusMetrics(registry), prometheusMetrics(registry)];
  for (const metrics of all) {
    metrics.record("relay.parked", 1, { source: "/shop" });
    metrics.record("relay.lag", 1, { source: "/shop" });
    metrics.record("subscriber.in_flight", 1, { subscriber: "readers" });
  }
  const lines = (await registry.metrics()).split("\n");
  expect(lines).toContain('relay_parked_total{source="/shop"} 2');
  expect(lines).toContain('relay_lag_seconds_count{source="/shop"} 2');
  expect(lines).toContain('subscriber_in_flight{subscriber="readers"} 2');
});
