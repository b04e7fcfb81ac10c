import { useEffect, useState } from "preact/hooks";
import { codeOf } from "../shared/order-words.ts";
import type { Failure } from "../shared/shop-api.ts";
import { texts } from "../shared/texts.ts";
import { type Claim, claimNext, extendClaims, finishClaim, heldClaims, type Outcome, releaseClaim } from "./claims.ts";
import { startHeartbeat } from "./heartbeat.ts";

export interface ClaimsView {
  readonly held: readonly Claim[];
  /** The outcome of the last action, for the barista. */
  readonly message: { readonly text: string; readonly failed: boolean };
  /** The shop shows the board to this token, and does not let it take orders. */
  readonly refusal: Failure | undefined;
  /** The action under way: `claim`, or the id of the order. */
  readonly busy: string | undefined;
  readonly claim: () => Promise<void>;
  readonly finish: (claim: Claim, note: string) => Promise<void>;
  readonly release: (claim: Claim) => Promise<void>;
}

/** The claims of this tab, with heartbeats while the page is open. A new access token clears the refusal. */
export function useClaims(accessToken: string | undefined): ClaimsView {
  const [held, setHeld] = useState(heldClaims);
  const [message, setMessage] = useState({ text: "", failed: false });
  const [refusal, setRefusal] = useState<Failure>();
  const [busy, setBusy] = useState<string>();

  const extend = async () => {
    const extended = await extendClaims();
    setHeld(heldClaims());
    const over = extended.find(({ isOver }) => isOver);
    if (over) setMessage({ text: texts.bar.over(codeOf(over.orderId)), failed: true });
  };
  useEffect(() => startHeartbeat(() => void extend()), []);
  useEffect(() => setRefusal(undefined), [accessToken]);

  const run = async (action: string, work: () => Promise<Outcome>) => {
    if (busy !== undefined) return;
    setBusy(action);
    const { claims, message: text, failed = false, refusal: refused } = await work();
    setHeld(claims);
    setRefusal(refused);
    setMessage({ text, failed });
    setBusy(undefined);
  };
  return {
    held,
    message,
    refusal,
    busy,
    claim: () => run("claim", claimNext),
    finish: (claim, note) => run(claim.orderId, () => finishClaim(claim, note)),
    release: (claim) => run(claim.orderId, () => releaseClaim(claim)),
  };
}
