import type { ComponentChildren } from "preact";
import type { FinishedTicket, StartedTicket } from "../board/ticket.ts";
import { useBoard } from "../board/use-board.ts";
import { ConnectionNotice } from "../shared/connection-notice.tsx";
import { codeOf } from "../shared/order-words.ts";
import { StaffSignIn } from "../shared/staff-sign-in.tsx";
import { texts } from "../shared/texts.ts";
import { useStaff } from "../shared/use-staff.ts";

/** As many as are readable across a room. */
const maxShown = 8;

export function DisplayPage() {
  const { token, explain } = useStaff();
  const { connection, refusal, isComplete, brewing, ready, waiting } = useBoard(token, false);
  if (refusal) {
    return (
      <main class="refused">
        <h1>{texts.display.title}</h1>
        <StaffSignIn message={explain(refusal)} staff="display" />
      </main>
    );
  }
  return (
    <main>
      <h1 class="unseen">{texts.display.title}</h1>
      <ConnectionNotice connection={connection} />
      <div class="columns" aria-busy={!isComplete}>
        <Column kind="brewing" title={texts.display.brewing} tickets={brewing}>
          {isComplete && texts.display.nobody}
        </Column>
        <Column kind="ready" title={texts.display.ready} tickets={ready}>
          {isComplete && texts.display.noneReady}
        </Column>
      </div>
      <footer class="waiting">
        <span>{waiting.length > 0 && texts.display.waiting(waiting.length)}</span>
        <span class="brand">{texts.shop}</span>
      </footer>
    </main>
  );
}

interface ColumnProps {
  readonly kind: "brewing" | "ready";
  readonly title: string;
  readonly tickets: readonly (StartedTicket | FinishedTicket)[];
  /** Shown in the place of an empty list. */
  readonly children: ComponentChildren;
}

function Column({ kind, title, tickets, children }: ColumnProps) {
  const shown = tickets.slice(0, maxShown);
  return (
    <section class={`column ${kind}`}>
      <h2>{title}</h2>
      <ul aria-live={kind === "ready" ? "polite" : "off"}>
        {shown.map(({ order_id, name }) => (
          <li key={order_id}>
            <span class="called">{name === undefined || name.trim() === "" ? codeOf(order_id) : name}</span>
            {name !== undefined && name.trim() !== "" && <span class="code">{codeOf(order_id)}</span>}
          </li>
        ))}
      </ul>
      {tickets.length === 0 && <p class="empty">{children}</p>}
      {tickets.length > shown.length && <p class="empty">{texts.display.more(tickets.length - shown.length)}</p>}
    </section>
  );
}
