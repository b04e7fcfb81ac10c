import { useEffect, useState } from "preact/hooks";
import { type Session, SessionKeeper } from "../shared/session.ts";
import { pause } from "../shared/shop-api.ts";
import { useSession } from "../shared/use-session.ts";
import { type Account, readAccount } from "./account.ts";

/** Of the customer, on the order page. */
export const customerSession = new SessionKeeper("customer");

export interface AccountView {
  readonly session: Session | undefined;
  readonly hasExpired: boolean;
  /** Undefined until it has been read. */
  readonly account: Account | undefined;
  /** Why the last read failed; empty after a success. */
  readonly trouble: string;
  readonly reload: () => void;
}

/**
 * The account of the customer who is signed in. It is read again when the customer's order changes, and while the page shows
 * the ledger every few seconds: an account follows its orders a moment later.
 */
export function useAccount(showsLedger: boolean): AccountView {
  const { session, hasExpired } = useSession(customerSession);
  const [account, setAccount] = useState<Account>();
  const [trouble, setTrouble] = useState("");
  const [round, setRound] = useState(0);
  const id = session?.customerId;
  useEffect(() => {
    const leaving = new AbortController();
    const reading = { onAccount: setAccount, onTrouble: setTrouble, showsLedger, signal: leaving.signal };
    if (id === undefined) setTrouble("");
    else followAccount(id, reading).catch(() => undefined);
    return () => leaving.abort();
  }, [id, round, showsLedger]);
  // After another sign-in, the last account is somebody else's.
  const own = id !== undefined && account?.id === id ? account : undefined;
  return { session, hasExpired, account: own, trouble, reload: () => setRound((last) => last + 1) };
}

interface Reading {
  readonly onAccount: (account: Account | undefined) => void;
  readonly onTrouble: (detail: string) => void;
  readonly showsLedger: boolean;
  readonly signal: AbortSignal;
}

const pauseMs = 3_000;

async function followAccount(id: string, { onAccount, onTrouble, showsLedger, signal }: Reading): Promise<void> {
  for (;;) {
    const answer = await readAccount(id, signal);
    if (signal.aborted) return;
    onTrouble(answer.ok ? "" : answer.detail);
    if (answer.ok) onAccount(answer.body);
    else if (answer.kind === "refused") return;
    if (answer.ok && !showsLedger) return;
    await pause(answer.ok ? pauseMs : answer.retryMs, signal);
  }
}
