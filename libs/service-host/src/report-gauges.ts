import type { Registry } from "@doubleshot/service-kit";
import type { HostedService } from "./hosted-service.ts";

/** CloudWatch keeps a value a minute. Two lines a minute leave none without one. */
const intervalMs = 30_000;

/**
 * Writes the gauges that the service is scaled by as lines in CloudWatch's embedded metric format, from now until `stop`.
 * CloudWatch makes metrics of them wherever standard output goes to CloudWatch Logs; no agent and no call to its API is
 * involved. Their namespace is `Doubleshot/<shop>`, their dimension is `Service`. A gauge without a value is left out.
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
export function reportGauges(
  registry: Registry,
  { name, scalesOn }: Pick<HostedService, "name" | "scalesOn">,
  shop: string,
): { stop(): void } {
  const report = async () => {
    const values = await readGauges(registry, Object.keys(scalesOn));
    if (values.size === 0) return;
    const document = emfDocument(values, { Service: name }, `Doubleshot/${shop}`);
    process.stdout.write(`${JSON.stringify(document)}\n`);
  };
  // A gauge that cannot be read is one value less, and the next line comes soon.
  const tick = () => void report().catch(() => undefined);
  tick();
  const timer = setInterval(tick, intervalMs);
  timer.unref();
  return { stop: () => clearInterval(timer) };
}

async function readGauges(registry: Registry, names: readonly string[]): Promise<Map<string, number>> {
  const values = new Map<string, number>();
  for (const name of names) {
    const [first] = (await registry.getSingleMetric(name)?.get())?.values ?? [];
    if (first !== undefined) values.set(name, first.value);
  }
  return values;
}

function emfDocument(
  values: ReadonlyMap<string, number>,
  dimensions: Readonly<Record<string, string>>,
  namespace: string,
): object {
  const Metrics = [...values.keys()].map((Name) => ({ Name, Unit: "None" }));
  const directive = { Namespace: namespace, Dimensions: [Object.keys(dimensions)], Metrics };
  return {
    _aws: { Timestamp: Date.now(), CloudWatchMetrics: [directive] },
    ...dimensions,
    ...Object.fromEntries(values),
  };
}
