import { dayAndTimeOf, itemsText } from "../../shared/order-words.ts";
import { texts } from "../../shared/texts.ts";
import { StatusPicture } from "../status-picture.tsx";
import { isRepeatable, type PendingOrder } from "../stored-orders.ts";

interface UnconfirmedOrderProps {
  readonly pending: PendingOrder;
  readonly onSendAgain: () => void;
  readonly onOrderAgain: () => void;
  readonly onLeave: () => void;
}

/** Asks whether an order whose answer never came still stands, and says whether the shop may make it twice. */
export function UnconfirmedOrder({ pending, onSendAgain, onOrderAgain, onLeave }: UnconfirmedOrderProps) {
  const { request, sentAtMs } = pending;
  const isSafe = isRepeatable(pending);
  return (
    <section class="order-status">
      <div role="status" class="state">
        <StatusPicture status="PENDING" />
        <h1>{texts.order.unconfirmed}</h1>
        <p>{texts.order.tried(itemsText(request.items), dayAndTimeOf(sentAtMs))}</p>
        <p class="hint">{isSafe ? texts.order.unconfirmedHint : texts.order.unconfirmedLongHint}</p>
      </div>
      <button type="button" class="button main wide" onClick={isSafe ? onSendAgain : onOrderAgain}>
        {isSafe ? texts.order.orderNow : texts.order.orderAgain}
      </button>
      <button type="button" class="button quiet wide" onClick={onLeave}>
        {texts.order.forget}
      </button>
    </section>
  );
}
