import { instruments, type MetricName } from "@doubleshot/messaging";
import { emfMetrics } from "@doubleshot/messaging/emf";

/** The metrics of the text that a process shows at `/metrics`: labels by series name, and the values of each label. */
export class ExposedMetrics {
  readonly #labels = new Map<string, Map<string, Set<string>>>();
  readonly #help = new Map<string, string>();

  add(text: string): void {
    for (const line of text.split("\n")) {
      const [, metric, help] = /^# HELP (\S+) (.*)$/.exec(line) ?? [];
      if (metric !== undefined) this.#help.set(metric, help ?? "");
      const [, series, labels] = /^([a-z_]\w*)(?:\{(.*)\})? /i.exec(line) ?? [];
      if (series !== undefined) this.#addSeries(series, labels ?? "");
    }
  }

  has(series: string): boolean {
    return this.#labels.has(series);
  }

  labelsOf(series: string): readonly string[] {
    return [...(this.#labels.get(series)?.keys() ?? [])];
  }

  /** Whether the label has had this value, or the help of the metric names it. */
  knows(series: string, label: string, value: string): boolean {
    if (this.#labels.get(series)?.get(label)?.has(value)) return true;
    const help = this.#help.get(series.replace(/_(bucket|count|sum)$/, "")) ?? "";
    return new RegExp(`\\b${value}\\b`).test(help);
  }

  #addSeries(series: string, labels: string): void {
    const known = this.#labels.get(series) ?? new Map<string, Set<string>>();
    this.#labels.set(series, known);
    for (const [, label = "", value = ""] of labels.matchAll(/([a-z_]\w*)="((?:[^"\\]|\\.)*)"/gi)) {
      known.set(label, (known.get(label) ?? new Set()).add(value));
    }
  }
}

/** The relay's metrics as CloudWatch gets them: names, and the dimension of each. */
export function relayMetrics(): Map<string, string> {
  const dimensions = new Map<string, string>();
  const metrics = emfMetrics({
    namespace: "Doubleshot",
    write: (line) => {
      const [{ Dimensions, Metrics }] = JSON.parse(line)._aws.CloudWatchMetrics;
      for (const { Name } of Metrics) dimensions.set(Name, Dimensions[0].join());
    },
  });
  for (const name of Object.keys(instruments) as MetricName[]) {
    if (name.startsWith("relay.")) metrics.record(name as "relay.lag", 1, { source: "/test" });
  }
  metrics.flush();
  return dimensions;
}
