import { dayAndTimeOf, itemsText } from "../shared/order-words.ts";
import { texts } from "../shared/texts.ts";
import { Cup } from "./status-picture.tsx";
import type { PendingOrder } from "./stored-orders.ts";

interface UnconfirmedOrderProps {
  readonly pending: PendingOrder;
  readonly onOrder: () => void;
  readonly onForget: () => void;
}

/** Asks whether an order whose answer never came still stands. Sent under its key, it is placed once. */
export function UnconfirmedOrder({ pending: { request, at }, onOrder, onForget }: UnconfirmedOrderProps) {
  return (
    <section class="order-status">
      <div role="status" class="state">
        <Cup status="PENDING" />
        <h1>{texts.order.unconfirmed}</h1>
        <p>{texts.order.tried(itemsText(request.items), dayAndTimeOf(at))}</p>
        <p class="hint">{texts.order.unconfirmedHint}</p>
      </div>
      <button type="button" class="button main wide" onClick={onOrder}>
        {texts.order.orderNow}
      </button>
      <button type="button" class="button quiet wide" onClick={onForget}>
        {texts.order.forget}
      </button>
    </section>
  );
}
