import { useEffect, useRef, useState } from "preact/hooks";
import { codeOf, itemsText } from "../shared/order-words.ts";
import { texts } from "../shared/texts.ts";
import type { Claim } from "./claims.ts";

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
  const seconds = Math.ceil((Date.parse(leaseExpiresAt) - now) / 1_000);
  const submit = (event: Event) => {
    event.preventDefault();
    onFinish(note);
  };
  return (
    <li class="card claim">
      <h3>
        <span class="code">{code}</span> <span class="name">{name}</span>
      </h3>
      <p class="items name">{itemsText(items)}</p>
      <p class={seconds > 0 ? "hint" : "notice"}>{seconds > 0 ? texts.bar.lease(seconds) : texts.bar.leaseOver}</p>
      <form onSubmit={submit}>
        <div class="field">
          <label for={`note-${orderId}`}>{texts.bar.note}</label>
          <input
            id={`note-${orderId}`}
            maxLength={500}
            autocomplete="off"
            value={note}
            onInput={(event) => setNote(event.currentTarget.value)}
          />
        </div>
        <div class="actions">
          <button ref={finish} type="submit" class="button main" aria-disabled={isBusy}>
            {texts.bar.finish(code)}
          </button>
          <button type="button" class="button" aria-disabled={isBusy} onClick={onRelease}>
            {texts.bar.release(code)}
          </button>
        </div>
      </form>
    </li>
  );
}
