import { useEffect, useState } from "preact/hooks";
import { customerSession } from "../account/use-account.ts";
import { texts } from "../shared/texts.ts";
import { type Decision, sendUntilDecided } from "./send-until-decided.ts";
import { Cup } from "./status-picture.tsx";
import type { PendingOrder } from "./stored-orders.ts";

interface SendingOrderProps {
  readonly pending: PendingOrder;
  readonly onDecided: (decision: Decision) => void;
  readonly onDiscard: () => void;
}

/** Sends the order until the shop has taken or refused it, or it is too old. Every attempt has the same key, so there is one order. */
export function SendingOrder({ pending, onDecided, onDiscard }: SendingOrderProps) {
  const [trouble, setTrouble] = useState("");
  useEffect(() => {
    const leaving = new AbortController();
    sendUntilDecided(pending, { session: customerSession, onTrouble: setTrouble, signal: leaving.signal })
      .then(onDecided)
      .catch(() => undefined);
    return () => leaving.abort();
  }, [pending.key]);
  return (
    <section class="order-status">
      <div role="status" class="state">
        <Cup status="PENDING" />
        <h1>{texts.order.sending}</h1>
        {trouble === "" ? <p class="hint">{texts.order.sendingHint}</p> : <p class="notice">{trouble}</p>}
      </div>
      {trouble !== "" && (
        <div class="cancel">
          <button type="button" class="button quiet wide" onClick={onDiscard}>
            {texts.order.discard}
          </button>
          <p class="hint">{texts.order.discardHint}</p>
        </div>
      )}
    </section>
  );
}
