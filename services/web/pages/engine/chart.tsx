interface ChartProps {
  /** The contents in words, for a reader who does not see the chart. */
  readonly label: string;
  readonly points: readonly { readonly at: number; readonly value: number | null }[];
}

const width = 300;
const height = 56;
/** The time that the chart shows: a minute at first, and up to five. */
const minSpanMs = 60_000;
const maxSpanMs = 300_000;
/** A longer pause between two points is a gap in the chart: no page read the pipeline then. */
const gapMs = 10_000;

/** An area over the last minutes. Its top is the highest value, or 1. */
export function Chart({ label, points }: ChartProps) {
  const end = points.at(-1)?.at ?? 0;
  const spanMs = Math.min(maxSpanMs, Math.max(minSpanMs, end - (points[0]?.at ?? end)));
  const known = points.flatMap(({ at, value }) => (value === null || at < end - spanMs ? [] : [{ at, value }]));
  const top = Math.max(1, ...known.map(({ value }) => value));
  const x = (at: number) => (width * (1 - (end - at) / spanMs)).toFixed(1);
  const y = (value: number) => (height - 2 - (height - 4) * (value / top)).toFixed(1);
  const runs = runsOf(known);
  const line = runs.map((run) => `M${run.map(({ at, value }) => `${x(at)},${y(value)}`).join("L")}`).join("");
  const area = runs
    .map(
      (run) =>
        `M${x(run[0]?.at ?? 0)},${height}L${run.map(({ at, value }) => `${x(at)},${y(value)}`).join("L")}L${x(run.at(-1)?.at ?? 0)},${height}Z`,
    )
    .join("");
  return (
    <svg class="chart" role="img" aria-label={label} viewBox={`0 0 ${width} ${height}`} preserveAspectRatio="none">
      <path class="area" d={area} />
      <path class="line" d={line} vector-effect="non-scaling-stroke" />
    </svg>
  );
}

function runsOf<T extends { readonly at: number }>(points: readonly T[]): T[][] {
  const runs: T[][] = [];
  for (const point of points) {
    const run = runs.at(-1);
    const last = run?.at(-1);
    if (run === undefined || last === undefined || point.at - last.at > gapMs) runs.push([point]);
    else run.push(point);
  }
  return runs;
}
