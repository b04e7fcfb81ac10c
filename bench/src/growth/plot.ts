import { allowance, type Metric, metrics, type Sample } from "./metrics.ts";

const panel = { width: 250, height: 170, left: 14, right: 14, top: 44, bottom: 26 };
const columns = 3;
const ink = { text: "#1f2328", quiet: "#59636e", line: "#0969da", band: "#ddf4ff", axis: "#d1d9e0" };

/**
 * The samples as an SVG image: a panel for each metric over the histories, in even steps. A band shows how much worse a
 * value may be than without history.
 */
export function plot(samples: readonly Sample[]): string {
  const rows = Math.ceil(metrics.length / columns);
  const [width, height] = [columns * panel.width, rows * panel.height];
  const panels = metrics.map((metric, index) => {
    const [x, y] = [(index % columns) * panel.width, Math.floor(index / columns) * panel.height];
    return `<g transform="translate(${x} ${y})">${panelOf(metric, samples)}</g>`;
  });
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="system-ui, sans-serif" font-size="12" role="img">`,
    "<title>The shop over its history, in orders. Shaded: at most 20 % worse than at first.</title>",
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    ...panels,
    "</svg>",
  ].join("\n")}\n`;
}

function panelOf(metric: Metric, samples: readonly Sample[]): string {
  const values = samples.map((sample) => metric.read(sample));
  const [first = 0] = values;
  const top = Math.max(...values, worstOf(metric, first)) * 1.15 || 1;
  const bottom = panel.height - panel.bottom;
  const y = (value: number) => round(bottom - (value / top) * (bottom - panel.top));
  const step = (panel.width - panel.left - panel.right) / samples.length;
  const x = (index: number) => round(panel.left + step * (index + 0.5));
  const points = values.map((value, index) => `${x(index)},${y(value)}`);
  return [
    `<text x="${panel.left}" y="20" font-weight="600" fill="${ink.text}">${metric.name} <tspan fill="${ink.quiet}" font-weight="400">(${metric.unit})</tspan></text>`,
    band(metric, first, y),
    `<line x1="${panel.left}" x2="${panel.width - panel.right}" y1="${bottom}" y2="${bottom}" stroke="${ink.axis}"/>`,
    `<polyline points="${points.join(" ")}" fill="none" stroke="${ink.line}" stroke-width="2"/>`,
    ...values.map(
      (value, index) =>
        `<circle cx="${x(index)}" cy="${y(value)}" r="4" fill="${ink.line}"/><text x="${x(index)}" y="${y(value) - 9}" text-anchor="middle" fill="${ink.text}">${value.toFixed(metric.digits)}</text>`,
    ),
    ...samples.map(
      ({ history }, index) =>
        `<text x="${x(index)}" y="${bottom + 16}" text-anchor="middle" fill="${ink.quiet}">${history.toLocaleString("en")}</text>`,
    ),
  ].join("");
}

/** The largest value that is allowed for a metric whose better values are smaller. */
const worstOf = ({ limit }: Metric, first: number): number => limit ?? first * (1 + allowance);

function band(metric: Metric, first: number, y: (value: number) => number): string {
  if (metric.better === undefined) return "";
  const [from, to] = metric.better === "more" ? [first * (1 - allowance), first] : [first, worstOf(metric, first)];
  const width = panel.width - panel.left - panel.right;
  return `<rect x="${panel.left}" y="${y(to)}" width="${width}" height="${round(y(from) - y(to))}" fill="${ink.band}"/>`;
}

const round = (value: number): number => Math.round(value * 10) / 10;
