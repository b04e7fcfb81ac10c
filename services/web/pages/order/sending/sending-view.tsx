import { useEffect, useState } from "preact/hooks";
import { customerSession } from "../../account/use-account.ts";
import { texts } from "../../shared/texts.ts";
import { StatusPicture } from "../status-picture.tsx";
import type { PendingOrder } from "../stored-orders.ts";
import { type SendOutcome, sendUntilDecided } from "./send-until-decided.ts";

interface SendingViewProps {
  readonly pending: PendingOrder;
  readonly onDecided: (result: SendOutcome) => void;
  readonly onLeave: () => void;
}

/** Sends the order until the shop has taken or refused it, or it is too old. Every attempt has the same key, so there is one order. */
export function SendingView({ pending, onDecided, onLeave }: SendingViewProps) {
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
        <StatusPicture status="PENDING" />
        <h1>{texts.order.sending}</h1>
        {trouble === "" ? <p class="hint">{texts.order.sendingHint}</p> : <p class="notice">{trouble}</p>}
      </div>
      {trouble !== "" && (
        <div class="cancel">
          <button type="button" class="button quiet wide" onClick={onLeave}>
            {texts.order.discard}
          </button>
          <p class="hint">{texts.order.discardHint}</p>
        </div>
      )}
    </section>
  );
}
