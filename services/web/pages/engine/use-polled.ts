import { useEffect, useState } from "preact/hooks";
import { poll } from "../shared/poll.ts";
import type { Answer, Failure } from "../shared/shop-api.ts";

export interface Polled {
  /**
   * The failure of the last request that ended. Undefined before the first answer and after a success. A new `key` leaves it
   * until the next answer, so that a form to sign in does not vanish before its token is accepted.
   */
  readonly failure: Failure | undefined;
}

/** Polls with `read` for as long as the component is shown. It begins again when `key` changes. */
export function usePolled<T>(
  read: (signal: AbortSignal) => Promise<Answer<T>>,
  onRead: (value: T) => void,
  key = "",
): Polled {
  const [failure, setFailure] = useState<Failure>();
  const show = (answer: Answer<T>) => {
    setFailure(answer.ok ? undefined : answer);
    if (answer.ok && answer.body !== undefined) onRead(answer.body);
  };
  useEffect(() => {
    const leaving = new AbortController();
    void poll(read, show, leaving.signal).catch(() => undefined);
    return () => leaving.abort();
  }, [key]);
  return { failure };
}
