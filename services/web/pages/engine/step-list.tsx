import { engineTexts } from "../shared/engine-texts.ts";
import type { FaultLogEntry } from "./faults.ts";
import { type Journey, rowUrl, type Step } from "./journey.ts";

const words = engineTexts.journey;

interface StepListProps {
  readonly journey: Journey;
  readonly inspector: string | null;
  readonly faults: ReadonlyMap<string, readonly FaultLogEntry[]>;
}

/** All steps in the order of time, each with the row that records it. */
export function StepList({ journey, inspector, faults }: StepListProps) {
  return (
    <ol class="steps">
      {journey.steps.map((step, index) => (
        // Steps are never removed, and two of them may be equal.
        <li key={`${step.at} ${step.where} ${step.detail} ${index}`} class={step.what}>
          <span class="offset">{words.offset(engineTexts.duration(step.offset_ms))}</span>
          <span class="where">{step.where}</span>
          <span class="what">{words.what[step.what]}</span>
          <span class="detail name">{shortened(step)}</span>
          <Badges step={step} faults={faults} />
          <RowLink row={step.row} inspector={inspector} />
        </li>
      ))}
    </ol>
  );
}

/** The id of an event stands in its row. */
function shortened({ detail, event }: Step): string {
  return event === undefined ? detail : detail.replace(` ${event}`, "");
}

function Badges({ step, faults }: { readonly step: Step; readonly faults: StepListProps["faults"] }) {
  if (step.what !== "handled") return null;
  const injected = (faults.get(step.event ?? "") ?? []).filter(({ queue = "" }) =>
    queue.includes(`${step.where}-subscriber`),
  );
  const badges = [
    ...injected.map(({ what }) => words.faults[what] ?? ""),
    ...((step.receives ?? 1) > 1 ? [words.receives(step.receives ?? 1)] : []),
  ];
  return (
    <>
      {badges.map((badge) => (
        <strong key={badge} class="badge">
          {badge}
        </strong>
      ))}
    </>
  );
}

function RowLink({ row, inspector }: { readonly row: Step["row"]; readonly inspector: string | null }) {
  const name = words.row(row.table);
  if (inspector === null) return <span class="row">{name}</span>;
  return (
    <a class="row" href={rowUrl(inspector, row)} target="_blank" rel="noreferrer" title={row.key.join(", ")}>
      {name}
    </a>
  );
}
