import { engineTexts } from "../shared/engine-texts.ts";
import { codeOf, timeOf } from "../shared/order-words.ts";
import type { FaultLogEntry } from "./faults.ts";

const words = engineTexts.faults;
const maxShown = 12;

/** The newest faults. A message that had one leads to its order. */
export function FaultLog({
  log,
  onChoose,
}: {
  readonly log: readonly FaultLogEntry[];
  readonly onChoose: (id: string) => void;
}) {
  return (
    <div class="fault-log">
      <h3>{words.log}</h3>
      {log.length === 0 && <p class="hint">{words.logEmpty}</p>}
      <ol aria-label={words.log}>
        {log.slice(0, maxShown).map((entry) => (
          <li key={`${entry.at} ${entry.what}`}>
            <span class="age">{timeOf(entry.at, true)}</span> {words.done(entry)}{" "}
            {entry.event && (
              <button type="button" class="link" onClick={() => onChoose(orderOf(entry.event?.subject ?? ""))}>
                {words.showOrder(codeOf(orderOf(entry.event.subject)))}
              </button>
            )}
          </li>
        ))}
      </ol>
    </div>
  );
}

/** An aggregate's id is that of its order, with the kind of the aggregate before it in some places. */
const orderOf = (subject: string) => subject.replace(/^\w+#/, "");
