import { useRef } from "preact/hooks";
import type { AccountView } from "../account/use-account.ts";
import { moneyOf } from "../shared/order-words.ts";
import { texts } from "../shared/texts.ts";

interface PaymentChoiceProps {
  readonly view: AccountView;
  readonly total: number;
  readonly paysAtBar: boolean;
  readonly onChange: (paysAtBar: boolean) => void;
}

/** A customer who is signed in pays on account or at the bar. A guest has no choice; a page whose session ends says so. */
export function PaymentChoice({ view, total, paysAtBar, onChange }: PaymentChoiceProps) {
  const { session, account } = view;
  const wasSignedIn = useRef(false);
  if (session !== undefined) wasSignedIn.current = true;
  if (!wasSignedIn.current) return null;
  const choice = (isAtBar: boolean, label: string) => (
    <label class="choice">
      <input type="radio" name="pay" checked={paysAtBar === isAtBar} onChange={() => onChange(isAtBar)} />
      <span>{label}</span>
    </label>
  );
  return (
    <div>
      <div role="status">{session === undefined && <p class="notice">{texts.order.signedOut}</p>}</div>
      {session !== undefined && (
        <fieldset class="payment">
          <legend>{texts.order.pay}</legend>
          {choice(false, account ? texts.order.payOnAccount(moneyOf(account.available)) : texts.order.payOnAnyAccount)}
          {choice(true, texts.order.payAtBar)}
          <div role="status">{!paysAtBar && <AccountHint view={view} total={total} />}</div>
        </fieldset>
      )}
    </div>
  );
}

function AccountHint({ view: { account, trouble }, total }: Pick<PaymentChoiceProps, "view" | "total">) {
  if (account !== undefined) return total > account.available && <p class="hint wrong">{texts.order.creditShort}</p>;
  if (trouble === "") return <p class="hint">{texts.account.loading}</p>;
  return <p class="hint wrong">{texts.order.noAccount(trouble)}</p>;
}
