import { useEffect, useState } from "preact/hooks";
import type { Session, SessionKeeper } from "./session.ts";

export interface SessionView {
  readonly session: Session | undefined;
  /** The shop did not take the token any more, and nobody has signed in since. */
  readonly hasExpired: boolean;
}

export function useSession(keeper: SessionKeeper): SessionView {
  const [view, setView] = useState<SessionView>({ session: keeper.current, hasExpired: false });
  useEffect(() => keeper.subscribe((session, hasExpired) => setView({ session, hasExpired })), [keeper]);
  return view;
}
