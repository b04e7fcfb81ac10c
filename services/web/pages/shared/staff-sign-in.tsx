import { useState } from "preact/hooks";
import { staffSession } from "./staff-session.ts";
import { TextField } from "./text-field.tsx";
import { texts } from "./texts.ts";

/** A header takes no other characters. */
const tokenSyntax = /^[\w.~+/-]+=*$/;

interface StaffSignInProps {
  readonly message: string;
  readonly staff?: "barista" | "display" | "engineer";
}

/** Asks for a token of the staff, where the shop asks for one. */
export function StaffSignIn({ message, staff = "barista" }: StaffSignInProps) {
  const [token, setToken] = useState("");
  const [isMalformed, setMalformed] = useState(false);
  const submit = (event: Event) => {
    event.preventDefault();
    const isToken = tokenSyntax.test(token.trim());
    setMalformed(!isToken);
    if (isToken) staffSession.signIn({ token: token.trim() });
  };
  const problem = isMalformed ? texts.staff.wrong : message;
  return (
    <form class="card sign-in" onSubmit={submit}>
      <h2>{texts.staff.title}</h2>
      <p class="hint">{texts.staff.hint(staff)}</p>
      <div role="alert">{problem !== "" && <p class="notice bad">{problem}</p>}</div>
      <TextField id="token" label={texts.staff.token} isSecret autocomplete="off" value={token} onChange={setToken} />
      <button type="submit" class="button main">
        {texts.staff.signIn}
      </button>
    </form>
  );
}
