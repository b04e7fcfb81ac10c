import { dayAndTimeOf, itemsText } from "../shared/order-words.ts";
import { texts } from "../shared/texts.ts";
import { StatusPicture } from "./status-picture.tsx";
import type { PendingOrder } from "./stored-orders.ts";

interface UnconfirmedOrderProps {
  readonly pending: PendingOrder;
  readonly onOrder: () => void;
  readonly onLeave: () => void;
}

/** Asks whether an order whose answer never came still stands. Sent under its key, it is placed once. */
export function UnconfirmedOrder({ pending: { request, sentAtMs }, onOrder, onLeave }: UnconfirmedOrderProps) {
  return (
    <section class="order-status">
      <div role="status" class="state">
        <StatusPicture status="PENDING" />
        <h1>{texts.order.unconfirmed}</h1>
        <p>{texts.order.tried(itemsText(request.items), dayAndTimeOf(sentAtMs))}</p>
        <p class="hint">{texts.order.unconfirmedHint}</p>
      </div>
      <button type="button" class="button main wide" onClick={onOrder}>
        {texts.order.orderNow}
      </button>
      <button type="button" class="button quiet wide" onClick={onLeave}>
        {texts.order.forget}
      </button>
    </section>
  );
}
