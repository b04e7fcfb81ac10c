import { useState } from "preact/hooks";
import { grantToken } from "../shared/session.ts";
import { newKey } from "../shared/shop-api.ts";
import { TextField } from "../shared/text-field.tsx";
import { texts } from "../shared/texts.ts";
import { type NewAccount, openAccount } from "./account.ts";
import { customerSession } from "./use-account.ts";

const maxName = 200;

/** Opens an account, where the shop lets its customers do so. It shows the secret once, and keeps it nowhere. */
export function NewAccountForm({ isSignedIn }: { readonly isSignedIn: boolean }) {
  const [name, setName] = useState("");
  const [key, setKey] = useState(newKey);
  const [isAsking, setIsAsking] = useState(false);
  const [said, setSaid] = useState("");
  const [opened, setOpened] = useState<NewAccount>();
  if (opened !== undefined && (isSignedIn || said !== "")) return <Credentials account={opened} />;
  if (isSignedIn) return null;
  const submit = async (event: Event) => {
    event.preventDefault();
    const called = name.trim();
    if (isAsking || called === "") return;
    setIsAsking(true);
    const answer = await openAccount(called, key);
    setIsAsking(false);
    if (answer.ok) return answer.body && show(answer.body);
    if (answer.kind === "refused") setKey(newKey());
    const isForStaff = answer.status === 401 || answer.status === 403;
    setSaid(isForStaff ? texts.account.staffOnly : texts.account.failed(answer.detail));
  };
  const show = async (account: NewAccount) => {
    const granted = await grantToken(account.id, account.secret);
    setOpened(account);
    if (!granted.ok) setSaid(texts.account.failed(granted.detail));
    else if (granted.body) customerSession.signIn({ token: granted.body.access_token, customerId: account.id });
  };
  return (
    <form class="sign-in" onSubmit={submit}>
      <h3>{texts.account.newHint}</h3>
      <TextField
        id="new-name"
        label={texts.account.newName}
        autocomplete="name"
        maxLength={maxName}
        value={name}
        onChange={setName}
      />
      <div role="alert">{said !== "" && <p class="notice bad">{said}</p>}</div>
      <button type="submit" class="button" aria-disabled={isAsking || name.trim() === ""}>
        {isAsking ? texts.account.creating : texts.account.create}
      </button>
    </form>
  );
}

function Credentials({ account: { id, secret } }: { readonly account: NewAccount }) {
  return (
    <div class="notice calm" role="status">
      <p>{texts.account.created}</p>
      <dl class="credentials">
        <dt>{texts.account.number}</dt>
        <dd>{id}</dd>
        <dt>{texts.account.secret}</dt>
        <dd>{secret}</dd>
      </dl>
    </div>
  );
}
