import type { SessionKeeper } from "../shared/session.ts";
import { pause } from "../shared/shop-api.ts";
import { texts } from "../shared/texts.ts";
import { type Order, placeOrder } from "./order.ts";
import type { PendingOrder } from "./order-memory.ts";

type Decision = { readonly order: Order } | { readonly order?: undefined; readonly refused: string };

interface Sending {
  readonly session: Pick<SessionKeeper, "current">;
  readonly onTrouble: (message: string) => void;
  readonly signal: AbortSignal;
}

const signInMs = 1_000;

/**
 * Sends the order again and again as the customer who placed it: the shop knows a key by its customer, so under another
 * account, or under none, the same key would be a second order. Meanwhile nobody or another customer may have signed in.
 *
 * @returns the order, or the reason why the shop does not take it. Rejects when the signal fires.
 */
export async function sendUntilDecided(
  { request, key, customerId }: PendingOrder,
  { session, onTrouble, signal }: Sending,
): Promise<Decision> {
  const isAnonymous = customerId === undefined;
  for (;;) {
    while (!isAnonymous && session.current?.customerId !== customerId) {
      onTrouble(texts.order.expired);
      await pause(signInMs, signal);
    }
    const answer = await placeOrder(request, { key, isAnonymous, signal });
    if (answer.ok) return answer.body ? { order: answer.body } : { refused: texts.problems.unexpected };
    const hasExpired = answer.status === 401 && !isAnonymous;
    if (answer.kind === "refused" && !hasExpired) return { refused: texts.order.refused(answer.detail) };
    onTrouble(hasExpired ? texts.order.expired : texts.order.notSent(answer.detail));
    await pause(answer.retryMs, signal);
  }
}
