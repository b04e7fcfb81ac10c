import { useEffect, useRef } from "preact/hooks";
import { texts } from "../shared/texts.ts";
import { ClaimCard } from "./claim-card.tsx";
import type { ClaimsInHand } from "./use-claims.ts";

/** The orders that this barista holds, and the button for the next one. */
export function HandsSection({ hands, now }: { readonly hands: ClaimsInHand; readonly now: number }) {
  const { claims, said, busy, claim, finish, release } = hands;
  const next = useRef<HTMLButtonElement>(null);
  const held = useRef(claims.length);
  useEffect(() => {
    // The button that was pressed has gone with its order. A barista that writes a note for another one is not disturbed.
    if (claims.length < held.current && document.activeElement === document.body) next.current?.focus();
    held.current = claims.length;
  }, [claims.length]);
  return (
    <section class="hands">
      <button
        ref={next}
        type="button"
        class="button main claim-next"
        aria-disabled={busy !== undefined}
        onClick={claim}
      >
        {busy === "claim" ? texts.bar.claiming : texts.bar.claim}
      </button>
      <div role="status" class="said">
        {said.text !== "" && <p class={said.failed ? "notice bad" : "notice good"}>{said.text}</p>}
      </div>
      <h2>{texts.bar.hands}</h2>
      {claims.length === 0 && <p class="hint empty">{texts.bar.handsEmpty}</p>}
      <ul>
        {claims.map((each) => (
          <ClaimCard
            key={each.orderId}
            claim={each}
            now={now}
            isBusy={busy !== undefined}
            onFinish={(note) => void finish(each, note)}
            onRelease={() => void release(each)}
          />
        ))}
      </ul>
    </section>
  );
}
