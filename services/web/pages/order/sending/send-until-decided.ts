import type { SessionKeeper } from "../../shared/session.ts";
import { pause } from "../../shared/shop-api.ts";
import { texts } from "../../shared/texts.ts";
import { type Order, placeOrder } from "../order-api.ts";
import { isFresh, type PendingOrder } from "../stored-orders.ts";

/**
 * - placed   the shop has the order
 * - refused  the shop does not take it, for the reason
 * - too-old  no answer has come for so long that the customer must say whether the order still stands
 */
export type SendOutcome =
  | { readonly outcome: "placed"; readonly order: Order }
  | { readonly outcome: "refused"; readonly reason: string }
  | { readonly outcome: "too-old" };

interface Sending {
  readonly session: Pick<SessionKeeper, "current">;
  readonly onTrouble: (message: string) => void;
  readonly signal: AbortSignal;
}

const signInPollMs = 1_000;

/**
 * Sends the order again and again as the customer who placed it: the shop knows a key by its customer, so under another
 * account, or under none, the same key would be a second order. If the session ended or another customer signed in, it waits
 * until the first customer is back.
 *
 * A device that sleeps in between finds the order too old when it wakes. Rejects when the signal fires.
 */
export async function sendUntilDecided(
  pending: PendingOrder,
  { session, onTrouble, signal }: Sending,
): Promise<SendOutcome> {
  const { request, key, customerId } = pending;
  const isAnonymous = customerId === undefined;
  while (isFresh(pending)) {
    if (!isAnonymous && session.current?.customerId !== customerId) {
      onTrouble(texts.order.expired);
      await pause(signInPollMs, signal);
      continue;
    }
    const answer = await placeOrder(request, { key, isAnonymous, signal });
    if (answer.ok && answer.body) return { outcome: "placed", order: answer.body };
    if (answer.ok) return { outcome: "refused", reason: texts.problems.unexpected };
    const hasExpired = answer.status === 401 && !isAnonymous;
    if (answer.kind === "refused" && !hasExpired)
      return { outcome: "refused", reason: texts.order.refused(answer.detail) };
    onTrouble(hasExpired ? texts.order.expired : texts.order.notSent(answer.detail));
    await pause(answer.retryMs, signal);
  }
  return { outcome: "too-old" };
}
