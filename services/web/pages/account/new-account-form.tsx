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
  const [isSending, setIsSending] = useState(false);
  const [message, setMessage] = useState("");
  const [opened, setOpened] = useState<NewAccount>();
  if (opened !== undefined && (isSignedIn || message !== "")) return <Credentials account={opened} />;
  if (isSignedIn) return null;
  const submit = async (event: Event) => {
    event.preventDefault();
    const trimmed = name.trim().toWellFormed();
    if (isSending || trimmed === "") return;
    setIsSending(true);
    const answer = await openAccount(trimmed, key);
    setIsSending(false);
    if (answer.ok) return answer.body && show(answer.body);
    if (answer.kind === "refused") setKey(newKey());
    const isForStaff = answer.status === 401 || answer.status === 403;
    setMessage(isForStaff ? texts.account.staffOnly : texts.account.failed(answer.detail));
  };
  const show = async (account: NewAccount) => {
    const granted = await grantToken(account.id, account.secret);
    setOpened(account);
    if (!granted.ok) setMessage(texts.account.failed(granted.detail));
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
      <div role="alert">{message !== "" && <p class="notice bad">{message}</p>}</div>
      <button type="submit" class="button" aria-disabled={isSending || name.trim() === ""}>
        {isSending ? texts.account.creating : texts.account.create}
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
