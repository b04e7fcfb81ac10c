import { useState } from "preact/hooks";
import { ConnectionNotice } from "../shared/connection-notice.tsx";
import { engineTexts } from "../shared/engine-texts.ts";
import { StaffHeader } from "../shared/staff-header.tsx";
import { StaffSignIn } from "../shared/staff-sign-in.tsx";
import { useOnline } from "../shared/use-online.ts";
import { useStaff } from "../shared/use-staff.ts";
import type { FaultLogEntry } from "./faults.ts";
import { FaultsSection } from "./faults-section.tsx";
import { JourneySection } from "./journey-section.tsx";
import { ParkedAndDeadSection } from "./parked-and-dead-section.tsx";
import type { Pipeline } from "./pipeline.ts";
import { PipelineSection } from "./pipeline-section.tsx";
import { useFaults } from "./use-faults.ts";
import { usePipeline } from "./use-pipeline.ts";

const words = engineTexts;

export function EnginePage() {
  const { token, explain } = useStaff();
  const { pipeline, failure } = usePipeline(token);
  const isOnline = useOnline();
  const isRefused = failure !== undefined && [401, 403].includes(failure.status);
  const connection = failure === undefined ? (pipeline === undefined ? "connecting" : "open") : "lost";
  return (
    <>
      <StaffHeader page="engine" />
      <main>
        <div class="title">
          <h1>{words.title}</h1>
          <p class="hint">{words.hint}</p>
          {!isRefused && (!isOnline || failure === undefined || failure.status === 0) && (
            <ConnectionNotice connection={connection} />
          )}
          <div role="status">
            {failure && !isRefused && failure.status !== 0 && <p class="notice">{words.failing(failure.detail)}</p>}
          </div>
        </div>
        {isRefused && <StaffSignIn message={explain(failure)} staff="engineer" />}
        {!isRefused && pipeline !== undefined && <EngineRoom pipeline={pipeline} />}
      </main>
    </>
  );
}

function EngineRoom({ pipeline }: { readonly pipeline: Pipeline }) {
  const [chosen, setChosen] = useState(() => new URLSearchParams(location.search).get("order") ?? undefined);
  const choose = (id: string) => {
    setChosen(id);
    // A reload, or the address given to a colleague, shows the same journey.
    history.replaceState(null, "", `?order=${encodeURIComponent(id)}`);
    document.getElementById("journey")?.scrollIntoView();
  };
  const parkedOrDead =
    pipeline.outboxes.reduce((sum, { parked }) => sum + parked, 0) +
    pipeline.queues.reduce((sum, { dead, undelivered }) => sum + (dead ?? 0) + (undelivered ?? 0), 0);
  return (
    <>
      <PipelineSection pipeline={pipeline} />
      {pipeline.faults ? (
        <FaultsAndJourney pipeline={pipeline} chosen={chosen} onChoose={choose} />
      ) : (
        <JourneySection chosen={chosen} onChoose={choose} inspector={pipeline.inspector} faults={noFaults} />
      )}
      <ParkedAndDeadSection count={parkedOrDead} />
      <Links pipeline={pipeline} />
    </>
  );
}

const noFaults: ReadonlyMap<string, readonly FaultLogEntry[]> = new Map();

interface JourneyProps {
  readonly pipeline: Pipeline;
  readonly chosen: string | undefined;
  readonly onChoose: (id: string) => void;
}

/** The fault buttons, and the journey marked with the faults of its messages. */
function FaultsAndJourney({ pipeline, chosen, onChoose }: JourneyProps) {
  const view = useFaults();
  const log = (view.faults?.log ?? []).filter(({ event }) => event !== undefined);
  const faults = Map.groupBy(log, ({ event }) => event?.id ?? "");
  return (
    <>
      <FaultsSection view={view} onChoose={onChoose} />
      <JourneySection chosen={chosen} onChoose={onChoose} inspector={pipeline.inspector} faults={faults} />
    </>
  );
}

function Links({ pipeline: { services, inspector } }: { readonly pipeline: Pipeline }) {
  if (services.length === 0 && inspector === null) return null;
  return (
    <section aria-labelledby="links">
      <h2 id="links">{words.links.title}</h2>
      <ul class="links">
        {inspector !== null && (
          <li>
            <a href={inspector} target="_blank" rel="noreferrer">
              {words.links.inspector}
            </a>
          </li>
        )}
        {services.map(({ name, url, answers }) => (
          <li key={name}>
            <strong>{name}</strong>{" "}
            <span class={answers ? "hint" : "hint wrong"}>{answers ? words.links.answers : words.links.silent}</span>{" "}
            <a href={`${url}/docs`} target="_blank" rel="noreferrer" aria-label={words.links.of("/docs", name)}>
              /docs
            </a>{" "}
            <a href={`${url}/metrics`} target="_blank" rel="noreferrer" aria-label={words.links.of("/metrics", name)}>
              /metrics
            </a>
          </li>
        ))}
      </ul>
    </section>
  );
}
