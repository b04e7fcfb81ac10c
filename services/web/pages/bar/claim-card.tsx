import { useEffect, useRef, useState } from "preact/hooks";
import { codeOf, itemsText } from "../shared/order-words.ts";
import { texts } from "../shared/texts.ts";
import { type Claim, leaseSeconds } from "./claims.ts";

const maxNote = 500;

interface ClaimCardProps {
  readonly claim: Claim;
  /** The time of the shop's clock. */
  readonly now: number;
  readonly isBusy: boolean;
  readonly onFinish: (note: string) => void;
  readonly onRelease: () => void;
}

export function ClaimCard({ claim, now, isBusy, onFinish, onRelease }: ClaimCardProps) {
  const { orderId, items, name, leaseExpiresAt } = claim;
  const [note, setNote] = useState("");
  const finish = useRef<HTMLButtonElement>(null);
  // The next key press finishes it.
  useEffect(() => finish.current?.focus(), []);
  const code = codeOf(orderId);
  const isTooLong = [...note.trim()].length > maxNote;
  const submit = (event: Event) => {
    event.preventDefault();
    if (!isTooLong) onFinish(note);
  };
  return (
    <li class="card claim">
      <div class="claim-head">
        <h3 class="items name">{itemsText(items)}</h3>
        <span class="code">{code}</span>
      </div>
      {name !== undefined && name.trim() !== "" && <p class="name clamped">{name}</p>}
      <Lease seconds={Math.ceil((Date.parse(leaseExpiresAt) - now) / 1_000)} />
      <form onSubmit={submit}>
        <div class="field">
          <label for={`note-${orderId}`}>{texts.bar.note}</label>
          <input
            id={`note-${orderId}`}
            autocomplete="off"
            value={note}
            aria-invalid={isTooLong}
            onInput={(event) => setNote(event.currentTarget.value)}
          />
          <p class="hint wrong" aria-live="polite">
            {isTooLong && texts.bar.noteTooLong(maxNote)}
          </p>
        </div>
        <div class="actions">
          <button ref={finish} type="submit" class="button main" aria-disabled={isBusy}>
            {texts.bar.finish(code)}
          </button>
          <button type="button" class="button quiet" aria-disabled={isBusy} onClick={onRelease}>
            {texts.bar.release(code)}
          </button>
        </div>
      </form>
    </li>
  );
}

/** The countdown of the lease. A clock that is wrong shows at most a whole lease. */
function Lease({ seconds }: { readonly seconds: number }) {
  const left = Math.min(leaseSeconds, Math.max(0, seconds));
  return (
    <div class="lease">
      <progress max={leaseSeconds} value={left} aria-hidden="true" />
      <p class={left > 0 ? "hint" : "hint wrong"}>{left > 0 ? texts.bar.lease(left) : texts.bar.leaseOver}</p>
    </div>
  );
}
