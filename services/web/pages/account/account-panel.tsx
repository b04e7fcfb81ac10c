import { codeOf, moneyOf, timeOf } from "../shared/order-words.ts";
import { texts } from "../shared/texts.ts";
import type { Account, Entry } from "./account.ts";
import { NewAccountForm } from "./new-account-form.tsx";
import { SignInForm } from "./sign-in-form.tsx";
import { type AccountView, customerSession } from "./use-account.ts";

export function AccountPanel({
  account: { session, hasExpired, account, trouble },
}: {
  readonly account: AccountView;
}) {
  return (
    <section class="card account" aria-labelledby="account-title">
      <h2 id="account-title">{account?.name ?? texts.account.title}</h2>
      {session === undefined && <SignInForm hasExpired={hasExpired} />}
      <NewAccountForm isSignedIn={session !== undefined} />
      {session !== undefined && (
        <>
          <div role="status">
            {account === undefined && <p class="hint">{trouble === "" ? texts.account.loading : trouble}</p>}
          </div>
          {account !== undefined && <Balance account={account} />}
          <button type="button" class="button quiet" onClick={() => customerSession.signOut()}>
            {texts.account.signOut}
          </button>
        </>
      )}
    </section>
  );
}

function Balance({ account: { available, limit, reserved, debt, entries } }: { readonly account: Account }) {
  const { toSpend, ledger, noEntries } = texts.account;
  const sums = [
    { name: texts.account.limit, amount: limit },
    { name: texts.account.reserved, amount: reserved },
    { name: texts.account.debt, amount: debt },
  ];
  return (
    <>
      <p class="balance">
        <strong>{moneyOf(available)}</strong> {toSpend}
      </p>
      <dl class="sums">
        {sums.map(({ name, amount }) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{moneyOf(amount)}</dd>
          </div>
        ))}
      </dl>
      <h3>{ledger}</h3>
      {entries.length === 0 && <p class="hint">{noEntries}</p>}
      <ul class="ledger">
        {entries.map((entry) => (
          <LedgerRow key={`${entry.kind} ${entry.order_id ?? entry.payment_id}`} entry={entry} />
        ))}
      </ul>
    </>
  );
}

function LedgerRow({ entry: { kind, amount, at, order_id } }: { readonly entry: Entry }) {
  return (
    <li>
      <span>
        {texts.account.kinds[kind]} {order_id !== undefined && <span class="code">{codeOf(order_id)}</span>}
      </span>
      <span class="hint">{timeOf(at)}</span>
      <span class="amount">{moneyOf(amount)}</span>
    </li>
  );
}
