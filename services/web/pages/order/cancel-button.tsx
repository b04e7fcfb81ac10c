import { useEffect, useRef, useState } from "preact/hooks";
import { texts } from "../shared/texts.ts";
import { cancelOrder, type Order } from "./order-api.ts";

interface CancelOrderProps {
  readonly order: Order;
  /** The stream shows the decision as well, and may be slower. */
  readonly onDecided: (order: Order) => void;
}

/** Offered while nobody has begun. The outcome stays for as long as the order is open: the stream may be faster than it. */
export function CancelOrder({ order: { id, status }, onDecided }: CancelOrderProps) {
  const [isSending, setIsSending] = useState(false);
  const [failure, setFailure] = useState("");
  const isOffered = status === "PLACED" || status === "PENDING";
  const isHere = useRef(true);
  useEffect(
    () => () => {
      isHere.current = false;
    },
    [],
  );
  const cancel = async () => {
    if (isSending) return;
    setIsSending(true);
    setFailure("");
    const answer = await cancelOrder(id);
    if (!isHere.current) return;
    setIsSending(false);
    setFailure(
      answer.ok ? "" : answer.status === 409 ? texts.status.tooLate : texts.status.notCancelled(answer.detail),
    );
    if (answer.ok && answer.body) onDecided(answer.body);
  };
  return (
    <div class="cancel">
      {isOffered && (
        <button type="button" class="button quiet wide" aria-disabled={isSending} onClick={cancel}>
          {isSending ? texts.status.cancelling : texts.status.cancel}
        </button>
      )}
      <div role="alert">
        {(isOffered || failure === texts.status.tooLate) && failure !== "" && <p class="notice bad">{failure}</p>}
      </div>
    </div>
  );
}
