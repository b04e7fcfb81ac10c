import { useState } from "preact/hooks";
import { engineTexts } from "../../shared/engine-texts.ts";
import type { FaultsView } from "../use-faults.ts";
import { rushEnding } from "./rush-ending.ts";

const words = engineTexts.faults;

/** A rush hour: orders that come all at once, and baristas. */
export function RushForm({ view: { faults, isBusy, cause } }: { readonly view: FaultsView }) {
  const [orders, setOrders] = useState(100);
  const [baristas, setBaristas] = useState(10);
  const rush = faults?.rush ?? null;
  const isRunning = rush !== null && rush.ended_at === undefined;
  const ending = rushEnding(rush?.exit_code);
  // While it runs, the newest line of its progress; afterwards, its report.
  const report = isRunning ? rush.lines.slice(-1) : (rush?.lines.filter((line) => !line.startsWith("taken ")) ?? []);
  const submit = (event: Event) => {
    event.preventDefault();
    if (!isBusy) void (isRunning ? cause("rush/stop", {}) : cause("rush", { orders, baristas }));
  };
  return (
    <fieldset>
      <legend>{words.rush}</legend>
      <form class="actions" onSubmit={submit}>
        <NumberField label={words.orders} max={2_000} value={orders} onChange={setOrders} />
        <NumberField label={words.baristas} max={100} value={baristas} onChange={setBaristas} />
        <button type="submit" class="button small" aria-disabled={isBusy}>
          {isRunning ? words.stopRush : words.startRush}
        </button>
      </form>
      <p role="status" class={ending === "failed" ? "hint wrong" : "hint"}>
        {rush === null
          ? words.rushHint
          : isRunning
            ? words.rushRuns(rush.numbers.orders ?? 0)
            : words.rushEnded[ending]}
      </p>
      {report.length > 0 && <pre class="report">{report.join("\n")}</pre>}
    </fieldset>
  );
}

interface NumberFieldProps {
  readonly label: string;
  readonly max: number;
  readonly value: number;
  readonly onChange: (value: number) => void;
}

function NumberField({ label, max, value, onChange }: NumberFieldProps) {
  return (
    <label class="number">
      {label}
      <input
        type="number"
        min={1}
        max={max}
        required
        value={value}
        onInput={(event) => onChange(event.currentTarget.valueAsNumber)}
      />
    </label>
  );
}
