import { Counter, Gauge, Histogram, type Registry } from "prom-client";
import { checkOptions, having } from "../options/index.ts";
import { type Instrument, instruments, type MetricName, type Metrics } from "./metrics.ts";

/** `relay.lag` in seconds is `relay_lag_seconds`, the counter `relay.parked` is `relay_parked_total`. */
function prometheusName(name: string, { kind, unit }: Instrument): string {
  const suffix = `${unit === "s" ? "_seconds" : ""}${kind === "counter" ? "_total" : ""}`;
  return `${name.replaceAll(".", "_")}${suffix}`;
}

type Labels = Readonly<Record<string, string>>;

/**
 * Reports to a registry of prom-client. A metric is registered when it is first recorded, so a service without a relay has no
 * metrics of a relay. Several outboxes may share a registry.
 */
export function prometheusMetrics(registry: Registry): Metrics {
  checkOptions("prometheusMetrics", { registry }, { registry: having("a registry of prom-client", "registerMetric") });
  const recorders = new Map<MetricName, (value: number, labels: Labels) => void>();
  return {
    record: (name, value, labels) => {
      const recorder = recorders.get(name) ?? recorderOf(name, instruments[name], registry);
      recorders.set(name, recorder);
      recorder(value, labels);
    },
  };
}

function recorderOf(dotted: MetricName, instrument: Instrument, registry: Registry) {
  const { kind, help, labels, buckets } = instrument;
  const name = prometheusName(dotted, instrument);
  const known = registry.getSingleMetric(name);
  const config = { name, help, labelNames: [...labels], registers: [registry] };
  switch (kind) {
    case "counter": {
      const counter = known instanceof Counter ? known : new Counter(config);
      return (value: number, labels: Labels) => counter.inc(labels, value);
    }
    case "gauge": {
      const gauge = known instanceof Gauge ? known : new Gauge(config);
      return (value: number, labels: Labels) => gauge.inc(labels, value);
    }
    case "histogram": {
      const histogram =
        known instanceof Histogram ? known : new Histogram({ ...config, buckets: [...(buckets ?? [])] });
      return (value: number, labels: Labels) => histogram.observe(labels, value);
    }
  }
}
