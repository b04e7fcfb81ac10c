import { callback, checkOptions, optional, type Rules, text } from "../options/index.ts";
import { type Instrument, instruments, type MetricName, type Metrics } from "./metrics.ts";

export interface EmfOptions {
  /** CloudWatch namespace: letters, digits and `._#:/-`, at most 256. */
  readonly namespace: string;
  /**
   * Writes a finished line. Default: to standard output, which Lambda sends to CloudWatch Logs. A process elsewhere sends it to
   * the CloudWatch agent.
   */
  readonly write?: (line: string) => void;
}

export interface EmfMetrics extends Metrics {
  /** Writes the measurements since the last call, if there are any. */
  flush(): void;
}

const rules: Rules<EmfOptions> = {
  namespace: text("1 to 256 letters, digits and ._#:/-", /^[\w.#:/-]{1,256}$/),
  write: optional(callback),
};

/** Values of a metric in one line. @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html */
const maxValues = 100;

/** `relay.lag` becomes `RelayLag`, in the style of CloudWatch's own metrics. */
function cloudWatchName(dotted: string): string {
  return dotted
    .split(/[._]/)
    .map((word) => `${word.charAt(0).toUpperCase()}${word.slice(1)}`)
    .join("");
}

/**
 * Collects the measurements of an invocation and writes them as one JSON line in CloudWatch's embedded metric format.
 * CloudWatch creates metrics from the line, without a call to its API. Call `flush` when the invocation ends, also when it
 * fails.
 *
 * Labels become dimensions. A line has one set of them, so a Lambda that records several (a consumer records one for each
 * outcome) writes a line for each. A metric with more than 100 values takes several lines. Gauges are left out, because
 * nothing is in flight between two invocations.
 */
export function emfMetrics(options: EmfOptions): EmfMetrics {
  checkOptions("emfMetrics", options, rules);
  const { namespace, write = toStandardOutput } = options;
  let documents = new Map<string, EmfDocument>();
  return {
    record: (name, value, labels) => {
      const instrument: Instrument = instruments[name];
      if (instrument.kind === "gauge") return;
      const dimensions = Object.entries<string>(labels).map(([label, text]) => [cloudWatchName(label), text]);
      const key = JSON.stringify(dimensions);
      const document = documents.get(key) ?? { dimensions: Object.fromEntries(dimensions), values: new Map() };
      documents.set(key, document);
      const values = document.values.get(name) ?? [];
      document.values.set(name, values);
      if (instrument.kind === "counter") values[0] = (values[0] ?? 0) + value;
      else values.push(value);
    },
    flush: () => {
      const finished = documents;
      documents = new Map();
      for (const document of finished.values())
        for (const line of linesOf(document, namespace, Date.now())) write(line);
    },
  };
}

interface EmfDocument {
  readonly dimensions: Readonly<Record<string, string>>;
  readonly values: Map<MetricName, number[]>;
}

function* linesOf({ dimensions, values }: EmfDocument, namespace: string, timestamp: number): Generator<string> {
  const maxLength = Math.max(...[...values.values()].map(({ length }) => length));
  for (let start = 0; start < maxLength; start += maxValues) {
    const slices = [...values]
      .map(([name, all]) => [name, all.slice(start, start + maxValues)] as const)
      .filter(([, slice]) => slice.length > 0);
    const metrics = slices.map(([name]) => ({ Name: cloudWatchName(name), Unit: cloudWatchUnit(instruments[name]) }));
    const directive = { Namespace: namespace, Dimensions: [Object.keys(dimensions)], Metrics: metrics };
    yield JSON.stringify({
      _aws: { Timestamp: timestamp, CloudWatchMetrics: [directive] },
      ...dimensions,
      ...Object.fromEntries(slices.map(([name, slice]) => [cloudWatchName(name), slice.length > 1 ? slice : slice[0]])),
    });
  }
}

function cloudWatchUnit({ unit }: Instrument): "Seconds" | "Count" {
  return unit === "s" ? "Seconds" : "Count";
}

function toStandardOutput(line: string): void {
  process.stdout.write(`${line}\n`);
}
