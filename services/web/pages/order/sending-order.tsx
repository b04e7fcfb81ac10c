import { useEffect, useState } from "preact/hooks";
import { pause } from "../shared/shop-api.ts";
import { texts } from "../shared/texts.ts";
import { Cup } from "./cup.tsx";
import { type Order, placeOrder } from "./order.ts";
import type { Pending } from "./order-memory.ts";

interface SendingOrderProps {
  readonly pending: Pending;
  readonly onPlaced: (order: Order) => void;
  /** Called with the reason, for the customer. */
  readonly onRefused: (said: string) => void;
  readonly onDiscard: () => void;
}

/** Sends the order until the shop has taken or refused it. Every attempt has the same key, so there is one order. */
export function SendingOrder({ pending, onPlaced, onRefused, onDiscard }: SendingOrderProps) {
  const [trouble, setTrouble] = useState("");
  useEffect(() => {
    const leaving = new AbortController();
    sendUntilDecided(pending, setTrouble, leaving.signal)
      .then((decision) => (decision.order ? onPlaced(decision.order) : onRefused(decision.refused)))
      .catch(() => undefined);
    return () => leaving.abort();
  }, [pending.key]);
  return (
    <section class="order-status">
      <div role="status" class="state">
        <Cup status="PENDING" />
        <h1>{texts.order.placing}</h1>
        {trouble === "" ? <p class="hint">{texts.order.placingHint}</p> : <p class="notice">{trouble}</p>}
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

type Decision = { readonly order: Order } | { readonly order?: undefined; readonly refused: string };

/** Resolves with the order, or with the reason why the shop does not take it. Rejects when the signal fires. */
async function sendUntilDecided(
  { request, key }: Pending,
  onTrouble: (said: string) => void,
  signal: AbortSignal,
): Promise<Decision> {
  for (;;) {
    const answer = await placeOrder(request, key, signal);
    if (answer.ok) return answer.body ? { order: answer.body } : { refused: texts.problems.unexpected };
    if (answer.status === 401) return { refused: texts.order.expired };
    if (answer.kind === "refused") return { refused: texts.order.refused(answer.detail) };
    onTrouble(texts.order.notSent(answer.detail));
    await pause(answer.retryMs, signal);
  }
}
