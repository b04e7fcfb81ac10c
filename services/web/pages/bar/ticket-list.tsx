import type { ComponentChildren } from "preact";
import type { QueuedTicket, StartedTicket } from "../board/ticket.ts";
import { codeOf, itemsText } from "../shared/order-words.ts";
import { texts } from "../shared/texts.ts";

/** More would not fit on a screen, and each update would cost the browser time. */
const maxShown = 60;

const lateAfterSeconds = 10 * 60;

interface TicketListProps {
  readonly title: string;
  readonly tickets: readonly (QueuedTicket | StartedTicket)[];
  readonly now: number;
  /** Shown in the place of an empty list. */
  readonly children?: ComponentChildren;
}

export function TicketList({ title, tickets, now, children }: TicketListProps) {
  const shown = tickets.slice(0, maxShown);
  return (
    <section class="tickets">
      <h2>{title}</h2>
      {tickets.length === 0 && children}
      {tickets.length > 0 && (
        <ol>
          {shown.map((ticket) => (
            <TicketRow key={ticket.order_id} ticket={ticket} now={now} />
          ))}
        </ol>
      )}
      {tickets.length > shown.length && <p class="hint">{texts.bar.more(tickets.length - shown.length)}</p>}
    </section>
  );
}

function TicketRow({ ticket, now }: { readonly ticket: QueuedTicket | StartedTicket; readonly now: number }) {
  const { order_id, items, name, placed_at } = ticket;
  const ageSeconds = Math.max(0, Math.floor((now - Date.parse(placed_at)) / 1_000));
  return (
    <li class="ticket">
      <span class="code">{codeOf(order_id)}</span>
      <span class="name clamped">
        <span class="what">{itemsText(items)}</span>
        {name !== undefined && <span class="hint"> {name}</span>}
      </span>
      <span class={ageSeconds > lateAfterSeconds ? "age late" : "age"}>{texts.age(ageSeconds)}</span>
    </li>
  );
}
