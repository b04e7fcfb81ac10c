import { useState } from "preact/hooks";
import { grantToken } from "../shared/session.ts";
import { TextField } from "../shared/text-field.tsx";
import { texts } from "../shared/texts.ts";
import { customerSession } from "./use-account.ts";

export function SignInForm({ hasExpired }: { readonly hasExpired: boolean }) {
  const [number, setNumber] = useState("");
  const [secret, setSecret] = useState("");
  const [isSending, setIsSending] = useState(false);
  const [message, setMessage] = useState(hasExpired ? texts.order.expired : "");
  const submit = async (event: Event) => {
    event.preventDefault();
    if (isSending) return;
    setIsSending(true);
    const answer = await grantToken(number, secret);
    setIsSending(false);
    if (answer.ok && answer.body)
      customerSession.signIn({ token: answer.body.access_token, customerId: number.trim() });
    else if (!answer.ok)
      setMessage(answer.kind === "refused" ? texts.account.wrong : texts.account.failed(answer.detail));
  };
  return (
    <form class="sign-in" onSubmit={submit}>
      <div role="alert">{message !== "" && <p class="notice bad">{message}</p>}</div>
      <TextField id="number" label={texts.account.number} autocomplete="username" value={number} onChange={setNumber} />
      <TextField
        id="secret"
        label={texts.account.secret}
        isSecret
        autocomplete="current-password"
        value={secret}
        onChange={setSecret}
      />
      <button type="submit" class="button main" aria-disabled={isSending}>
        {isSending ? texts.account.signingIn : texts.account.signIn}
      </button>
    </form>
  );
}
