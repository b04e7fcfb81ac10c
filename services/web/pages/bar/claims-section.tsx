import { useEffect, useRef } from "preact/hooks";
import { texts } from "../shared/texts.ts";
import { ClaimCard } from "./claim-card.tsx";
import type { ClaimsView } from "./use-claims.ts";

/** The orders that this barista holds, and the button for the next one. */
export function ClaimsSection({ claims, now }: { readonly claims: ClaimsView; readonly now: number }) {
  const { held, message, busy, claim, finish, release } = claims;
  const next = useRef<HTMLButtonElement>(null);
  const heldBefore = useRef(held.length);
  useEffect(() => {
    // The button that was pressed has gone with its order. A barista that writes a note for another one is not disturbed.
    if (held.length < heldBefore.current && document.activeElement === document.body) next.current?.focus();
    heldBefore.current = held.length;
  }, [held.length]);
  return (
    <section class="claims">
      <button
        ref={next}
        type="button"
        class="button main claim-next"
        aria-disabled={busy !== undefined}
        onClick={claim}
      >
        {busy === "claim" ? texts.bar.claiming : texts.bar.claim}
      </button>
      <div role="status" class="message">
        {message.text !== "" && <p class={message.failed ? "notice bad" : "notice good"}>{message.text}</p>}
      </div>
      <h2>{texts.bar.hands}</h2>
      {held.length === 0 && <p class="hint empty">{texts.bar.handsEmpty}</p>}
      <ul>
        {held.map((each) => (
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
