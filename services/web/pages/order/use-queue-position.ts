import { useEffect, useState } from "preact/hooks";
import { call, pause } from "../shared/shop-api.ts";

export interface QueuePosition {
  readonly ahead: number;
  readonly estimateSeconds?: number;
}

const pauseMs = 4_000;

/** The order's position in the queue while it waits. The stream of the order says when it no longer does. */
export function useQueuePosition(id: string, isWaiting: boolean): QueuePosition | undefined {
  const [position, setPosition] = useState<QueuePosition>();
  useEffect(() => {
    if (!isWaiting) return;
    const leaving = new AbortController();
    followPosition(id, setPosition, leaving.signal).catch(() => undefined);
    return () => {
      leaving.abort();
      setPosition(undefined);
    };
  }, [id, isWaiting]);
  return position;
}

async function followPosition(
  id: string,
  onPosition: (position: QueuePosition | undefined) => void,
  signal: AbortSignal,
): Promise<void> {
  for (;;) {
    const path = `/tickets/${encodeURIComponent(id)}/place`;
    const answer = await call<{ readonly ahead?: number; readonly estimate_seconds?: number }>("GET", path, { signal });
    const { ahead, estimate_seconds: estimateSeconds } = (answer.ok && answer.body) || {};
    // An old position would mislead.
    if (ahead === undefined) onPosition(undefined);
    else onPosition({ ahead, ...(estimateSeconds !== undefined && { estimateSeconds }) });
    await pause(answer.ok ? pauseMs : answer.retryMs, signal);
  }
}
