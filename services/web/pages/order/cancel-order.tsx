import { useEffect, useRef, useState } from "preact/hooks";
import { texts } from "../shared/texts.ts";
import { cancelOrder, type Order } from "./order.ts";

interface CancelOrderProps {
  readonly id: string;
  /** The stream shows the decision as well, and may be slower. */
  readonly onDecided: (order: Order) => void;
}

export function CancelOrder({ id, onDecided }: CancelOrderProps) {
  const [isAsking, setIsAsking] = useState(false);
  const [failure, setFailure] = useState("");
  const isHere = useRef(true);
  useEffect(
    () => () => {
      isHere.current = false;
    },
    [],
  );
  const cancel = async () => {
    if (isAsking) return;
    setIsAsking(true);
    const answer = await cancelOrder(id);
    if (!isHere.current) return;
    setIsAsking(false);
    setFailure(
      answer.ok ? "" : answer.status === 409 ? texts.status.tooLate : texts.status.notCancelled(answer.detail),
    );
    if (answer.ok && answer.body) onDecided(answer.body);
  };
  return (
    <div class="cancel">
      <button type="button" class="button quiet wide" aria-disabled={isAsking} onClick={cancel}>
        {isAsking ? texts.status.cancelling : texts.status.cancel}
      </button>
      <div role="alert">{failure !== "" && <p class="notice bad">{failure}</p>}</div>
    </div>
  );
}
