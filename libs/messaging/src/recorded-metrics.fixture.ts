import type { MetricName, Metrics } from "./index.ts";

type Recording = readonly [name: MetricName, labels: Readonly<Record<string, string>>, value: number];

/** Keeps what is recorded, for tests to look at. */
export class RecordedMetrics implements Metrics {
  #recordings: Recording[] = [];

  record: Metrics["record"] = (name, value, labels) => {
    this.#recordings.push([name, labels, value]);
  };

  forget(): void {
    this.#recordings = [];
  }

  values(name: MetricName): number[] {
    return this.#recordings.filter(([recorded]) => recorded === name).map(([, , value]) => value);
  }

  labels(name: MetricName): Recording[1][] {
    return this.#recordings.filter(([recorded]) => recorded === name).map(([, labels]) => labels);
  }
}
