import { useEffect, useState } from "preact/hooks";
import type { Answer, Failure } from "../shared/shop-api.ts";
import { pause } from "../shared/shop-api.ts";

export interface Polled {
  /** The last request had no success; undefined while it is under way or had. */
  readonly failure: Failure | undefined;
}

const everyMs = 1_000;

/**
 * Reads again and again for as long as the component is shown and the tab is in front, and waits for one answer before the
 * next request. After a failure it waits for as long as the shop asks. It begins again when `key` changes.
 */
export function usePolled<T>(
  read: (signal: AbortSignal) => Promise<Answer<T>>,
  onRead: (value: T) => void,
  key = "",
): Polled {
  const [failure, setFailure] = useState<Failure>();
  useEffect(() => {
    const leaving = new AbortController();
    void poll(leaving.signal).catch(() => undefined);
    return () => leaving.abort();
  }, [key]);

  async function poll(signal: AbortSignal): Promise<void> {
    for (;;) {
      if (!document.hidden) await readOnce(signal);
      await pause(everyMs, signal);
    }
  }

  async function readOnce(signal: AbortSignal): Promise<void> {
    const answer = await read(signal);
    setFailure(answer.ok ? undefined : answer);
    if (!answer.ok) await pause(answer.retryMs, signal);
    else if (answer.body !== undefined) onRead(answer.body);
  }

  return { failure };
}
