import { useEffect, useState } from "preact/hooks";
import { codeOf } from "../shared/order-words.ts";
import type { Failure } from "../shared/shop-api.ts";
import { texts } from "../shared/texts.ts";
import { type Claim, claimNext, extendClaims, finishClaim, heldClaims, type Outcome, releaseClaim } from "./claims.ts";
import { startHeartbeat } from "./heartbeat.ts";

export interface ClaimsInHand {
  readonly claims: readonly Claim[];
  /** The outcome of the last action, for the barista. */
  readonly said: { readonly text: string; readonly failed: boolean };
  /** The shop shows the board to this token, and does not let it take orders. */
  readonly refusal: Failure | undefined;
  /** The action under way: `claim`, or the id of the order. */
  readonly busy: string | undefined;
  readonly claim: () => Promise<void>;
  readonly finish: (claim: Claim, note: string) => Promise<void>;
  readonly release: (claim: Claim) => Promise<void>;
}

/** The claims of this tab, with heartbeats while the page is open. Another token may be one of a barista. */
export function useClaims(token: string | undefined): ClaimsInHand {
  const [claims, setClaims] = useState(heldClaims);
  const [said, setSaid] = useState({ text: "", failed: false });
  const [refusal, setRefusal] = useState<Failure>();
  const [busy, setBusy] = useState<string>();

  const extend = async () => {
    const extended = await extendClaims();
    setClaims(heldClaims());
    const over = extended.find(({ isOver }) => isOver);
    if (over) setSaid({ text: texts.bar.over(codeOf(over.orderId)), failed: true });
  };
  useEffect(() => startHeartbeat(() => void extend()), []);
  useEffect(() => setRefusal(undefined), [token]);

  const run = async (action: string, work: () => Promise<Outcome>) => {
    if (busy !== undefined) return;
    setBusy(action);
    const { claims: left, said: text, failed = false, refusal: refused } = await work();
    setClaims(left);
    setRefusal(refused);
    setSaid({ text, failed });
    setBusy(undefined);
  };
  return {
    claims,
    said,
    refusal,
    busy,
    claim: () => run("claim", claimNext),
    finish: (claim, note) => run(claim.orderId, () => finishClaim(claim, note)),
    release: (claim) => run(claim.orderId, () => releaseClaim(claim)),
  };
}
