import { engineTexts } from "../shared/engine-texts.ts";
import { Chart } from "./chart.tsx";
import type { Pipeline, Point, Stage } from "./pipeline.ts";
import { SectionHeading } from "./section-heading.tsx";

const words = engineTexts;

/** The stages in the order of an event's way, and charts of the last minutes. */
export function PipelineSection({ pipeline }: { readonly pipeline: Pipeline }) {
  const { stages, deliveries } = pipeline;
  return (
    <section aria-labelledby="pipeline">
      <SectionHeading id="pipeline" title={words.pipeline.title} hint={words.pipeline.hint} />
      <ol class="stages">
        {stages.map((stage) => (
          <StageCard key={stage.stage} stage={stage} />
        ))}
      </ol>
      <dl class="deliveries">
        {(["handled", "duplicates", "retries", "failures"] as const).map((name) => (
          <div key={name} class={name}>
            <dt>{words.deliveries[name]}</dt>
            <dd>{words.count(deliveries[name])}</dd>
          </div>
        ))}
      </dl>
      <Charts points={pipeline.points} />
    </section>
  );
}

function StageCard({ stage: { stage, rate, lag_ms, backlog } }: { readonly stage: Stage }) {
  const { name, hint, rate: rateOf, lag, backlog: backlogOf } = words.stages[stage];
  const isTrouble = (stage === "topic" || stage === "inboxes" || stage === "relay") && (backlog ?? 0) > 0;
  const figures = [
    { name: rateOf, value: rate === null ? "–" : words.rate(rate) },
    { name: lag, value: lag_ms === null ? "–" : words.duration(lag_ms) },
    { name: backlogOf, value: backlog === null ? "–" : words.count(backlog) },
  ].filter((figure) => figure.name !== "");
  return (
    <li class={isTrouble ? "stage trouble" : "stage"}>
      <h3>{name}</h3>
      <p class="hint">{hint}</p>
      <dl>
        {figures.map((figure) => (
          <div key={figure.name}>
            <dt>{figure.name}</dt>
            <dd>{figure.value}</dd>
          </div>
        ))}
      </dl>
    </li>
  );
}

const charts = [
  { name: "commits", of: (point: Point) => point.commit_rate, unit: "rate" },
  { name: "beforeTopic", of: (point: Point) => point.before_topic, unit: "count" },
  { name: "queued", of: (point: Point) => point.queued, unit: "count" },
  { name: "handled", of: (point: Point) => point.handled_rate, unit: "rate" },
  { name: "waiting", of: (point: Point) => point.waiting, unit: "count" },
] as const;

function Charts({ points }: { readonly points: readonly Point[] }) {
  return (
    <ul class="charts">
      {charts.map(({ name, of, unit }) => {
        const values = points.map((point) => ({ at: point.at, value: of(point) }));
        const now = values.at(-1)?.value ?? 0;
        const top = Math.max(0, ...values.map(({ value }) => value ?? 0));
        const shown = words[unit];
        return (
          <li key={name} class="card">
            <p class="chart-title">
              <span>{words.charts[name]}</span> <strong>{shown(now)}</strong>
            </p>
            <Chart label={words.chart(words.charts[name], shown(now), shown(top))} points={values} />
          </li>
        );
      })}
    </ul>
  );
}
