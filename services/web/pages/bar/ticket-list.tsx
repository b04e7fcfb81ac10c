import type { ComponentChildren } from "preact";
import type { QueuedTicket, StartedTicket } from "../board/ticket.ts";
import { codeOf, itemsText } from "../shared/order-words.ts";
import { texts } from "../shared/texts.ts";

/** More would not fit on a screen, and each update would cost the browser time. */
const maxShown = 60;

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
      <ol>
        {shown.map(({ order_id, items, name, placed_at }) => (
          <li key={order_id} class="ticket">
            <span class="code">{codeOf(order_id)}</span>
            <span class="name">
              {itemsText(items)}
              {name !== undefined && <span class="hint"> {name}</span>}
            </span>
            <span class="age">{texts.age(Math.max(0, Math.floor((now - Date.parse(placed_at)) / 1_000)))}</span>
          </li>
        ))}
      </ol>
      {tickets.length > shown.length && <p class="hint">{texts.bar.more(tickets.length - shown.length)}</p>}
    </section>
  );
}
