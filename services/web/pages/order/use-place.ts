import { useEffect, useState } from "preact/hooks";
import { call, pause } from "../shared/shop-api.ts";

export interface QueuePlace {
  readonly ahead: number;
  readonly estimateSeconds?: number;
}

const pauseMs = 4_000;

/** The order's place in the queue while it waits. The stream of the order says when it no longer does. */
export function usePlace(id: string, isWaiting: boolean): QueuePlace | undefined {
  const [place, setPlace] = useState<QueuePlace>();
  useEffect(() => {
    if (!isWaiting) return;
    const leaving = new AbortController();
    followPlace(id, setPlace, leaving.signal).catch(() => undefined);
    return () => {
      leaving.abort();
      setPlace(undefined);
    };
  }, [id, isWaiting]);
  return place;
}

async function followPlace(
  id: string,
  onPlace: (place: QueuePlace | undefined) => void,
  signal: AbortSignal,
): Promise<void> {
  for (;;) {
    const path = `/tickets/${encodeURIComponent(id)}/place`;
    const answer = await call<{ readonly ahead?: number; readonly estimate_seconds?: number }>("GET", path, { signal });
    const { ahead, estimate_seconds: estimateSeconds } = (answer.ok && answer.body) || {};
    // An old place would be a lie.
    if (ahead === undefined) onPlace(undefined);
    else onPlace({ ahead, ...(estimateSeconds !== undefined && { estimateSeconds }) });
    await pause(answer.ok ? pauseMs : answer.retryMs, signal);
  }
}
