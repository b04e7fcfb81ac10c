/** A sample of a metric in Prometheus's text format. */
interface Sample {
  readonly labels: string;
  readonly value: number;
}

/** The samples of one process, by the name of their metric. */
export class Metrics {
  readonly #samples: ReadonlyMap<string, readonly Sample[]>;

  /** @see https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format */
  constructor(text: string) {
    const samples = text.split("\n").flatMap((line) => {
      if (line.startsWith("#") || line === "") return [];
      const space = line.lastIndexOf(" ");
      const brace = line.indexOf("{");
      const value = Number(line.slice(space + 1));
      const name = line.slice(0, brace === -1 ? space : brace);
      return Number.isFinite(value) ? [{ name, labels: brace === -1 ? "" : line.slice(brace, space), value }] : [];
    });
    this.#samples = Map.groupBy(samples, ({ name }) => name);
  }

  /** The sum over all samples of the metric that have this label. 0 if there is none. */
  sum(name: string, label?: readonly [name: string, value: string]): number {
    const samples = this.#samples.get(name) ?? [];
    const wanted =
      label === undefined ? samples : samples.filter(({ labels }) => labels.includes(`${label[0]}="${label[1]}"`));
    return wanted.reduce((sum, { value }) => sum + value, 0);
  }
}

/** A process that does not answer in this time has no metrics this time. */
const timeoutMs = 900;

/** Undefined if the process is unreachable or answers with an error. */
export async function readMetrics(url: URL): Promise<Metrics | undefined> {
  try {
    const response = await fetch(new URL("/metrics", url), { signal: AbortSignal.timeout(timeoutMs) });
    return response.ok ? new Metrics(await response.text()) : undefined;
  } catch {
    return undefined;
  }
}
