import { useEffect, useRef, useState } from "preact/hooks";
import { texts } from "../shared/texts.ts";
import { cancelOrder, type Order } from "./order-api.ts";

interface CancelButtonProps {
  readonly order: Order;
  /** The stream shows the decision as well; either may be first. */
  readonly onDecided: (order: Order) => void;
}

/**
 * The button is shown while the order is PENDING or PLACED. The "too late" message outlives it, because the stream may deliver
 * BREWING before the answer; other messages disappear with the button.
 */
export function CancelButton({ order: { id, status }, onDecided }: CancelButtonProps) {
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
