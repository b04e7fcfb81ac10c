import { itemsText, timeOf } from "../shared/order-words.ts";
import { texts } from "../shared/texts.ts";
import type { PastOrder } from "./stored-orders.ts";

interface OrderHistoryProps {
  readonly past: readonly PastOrder[];
  readonly onClear: () => void;
  readonly onOpen: (id: string) => void;
}

export function OrderHistory({ past, onClear, onOpen }: OrderHistoryProps) {
  return (
    <section class="history" aria-labelledby="history">
      <h2 id="history">{texts.history.title}</h2>
      {past.length === 0 && <p class="hint">{texts.history.empty}</p>}
      <ul>
        {past.map(({ id, items, status, placed_at }) => (
          <li key={id}>
            <button type="button" class="past" onClick={() => onOpen(id)}>
              <span class="name">{itemsText(items)}</span>
              <span class="hint">
                {texts.status.headings[status]}
                {placed_at !== undefined && `, ${timeOf(placed_at)}`}
              </span>
            </button>
          </li>
        ))}
      </ul>
      {past.length > 0 && (
        <button type="button" class="button quiet" onClick={onClear}>
          {texts.history.clear}
        </button>
      )}
    </section>
  );
}
