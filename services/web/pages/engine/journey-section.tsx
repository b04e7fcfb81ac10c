import { useEffect, useState } from "preact/hooks";
import { engineTexts } from "../shared/engine-texts.ts";
import { codeOf } from "../shared/order-words.ts";
import { call, type Failure } from "../shared/shop-api.ts";
import type { FaultLogEntry } from "./faults.ts";
import { type Journey, readJourney } from "./journey.ts";
import { JourneyDiagram } from "./journey-diagram.tsx";
import { SectionHeading } from "./section-heading.tsx";
import { StepList } from "./step-list.tsx";
import { usePolled } from "./use-polled.ts";

const words = engineTexts.journey;

interface JourneySectionProps {
  readonly chosen: string | undefined;
  readonly onChoose: (id: string) => void;
  readonly inspector: string | null;
  /** Faults of deliveries, by the id of their event. */
  readonly faults: ReadonlyMap<string, readonly FaultLogEntry[]>;
}

/** The newest orders, a field for the id of any other, and the journey of the chosen one. */
export function JourneySection({ chosen, onChoose, inspector, faults }: JourneySectionProps) {
  const [text, setText] = useState("");
  const submit = (event: Event) => {
    event.preventDefault();
    const id = text.trim().replace(/^\w+#/, "");
    if (id !== "") onChoose(id);
  };
  return (
    <section aria-labelledby="journey">
      <SectionHeading id="journey" title={words.title} hint={words.hint} />
      <RecentOrders chosen={chosen} onChoose={onChoose} />
      <form class="find" onSubmit={submit}>
        <div class="field">
          <label for="order-id">{words.id}</label>
          <input
            id="order-id"
            maxLength={200}
            autocomplete="off"
            spellcheck={false}
            value={text}
            onInput={(event) => setText(event.currentTarget.value)}
          />
        </div>
        <button type="submit" class="button">
          {words.show}
        </button>
      </form>
      {chosen !== undefined && <JourneyView key={chosen} id={chosen} inspector={inspector} faults={faults} />}
    </section>
  );
}

interface RecentOrder {
  readonly id: string;
  readonly status: string;
}

function RecentOrders({ chosen, onChoose }: Pick<JourneySectionProps, "chosen" | "onChoose">) {
  const [orders, setOrders] = useState<readonly RecentOrder[]>();
  usePolled(
    (signal) => call<{ readonly orders: readonly RecentOrder[] }>("GET", "/orders?limit=8", { signal }),
    (read) => setOrders(read.orders),
  );
  if (orders === undefined) return null;
  if (orders.length === 0) return <p class="hint">{words.none}</p>;
  return (
    <ul class="recent" aria-label={words.recent}>
      {orders.map(({ id, status }) => (
        <li key={id}>
          <button type="button" class="chip" aria-pressed={id === chosen} onClick={() => onChoose(id)}>
            <span class="code">{codeOf(id)}</span>{" "}
            <span class={`status ${status.toLowerCase()}`}>{words.status(status)}</span>
          </button>
        </li>
      ))}
    </ul>
  );
}

function JourneyView({
  id,
  inspector,
  faults,
}: { readonly id: string } & Pick<JourneySectionProps, "inspector" | "faults">) {
  const [journey, setJourney] = useState<Journey>();
  const [unknown, setUnknown] = useState<Failure>();
  const { failure } = usePolled((signal) => readJourney(id, signal), setJourney);
  useEffect(() => setUnknown(failure?.status === 404 ? failure : undefined), [failure]);
  if (journey === undefined) {
    return (
      <p role="status" class={failure ? "notice" : "hint"}>
        {unknown ? words.unknown : (failure?.detail ?? words.loading)}
      </p>
    );
  }
  const doubled = new Set(
    [...faults].flatMap(([event, entries]) =>
      entries.some(({ what }) => what === "message-duplicate") ? [event] : [],
    ),
  );
  const states = Object.entries(journey.status).map(([kind, status]) => words.state(kind, words.status(status)));
  return (
    <article class="card journey" aria-label={words.of(codeOf(id))}>
      <h3>
        {words.of(codeOf(id))} <span class="hint">{states.join(", ")}</span>
      </h3>
      <JourneyDiagram journey={journey} doubled={doubled} />
      <StepList journey={journey} inspector={inspector} faults={faults} />
      {journey.undelivered.length > 0 && (
        <ul class="undelivered">
          {journey.undelivered.map(({ id: event, type, subscriber, held }) => (
            <li key={`${event} ${subscriber}`} class="notice">
              {words.undelivered[held](type, subscriber)}
            </li>
          ))}
        </ul>
      )}
    </article>
  );
}
