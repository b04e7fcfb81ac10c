import { type Log, reason } from "../log.ts";
import { pause } from "../pause.ts";
import type { StreamRecords } from "./stream-records.ts";

/** @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Streams.html */
const retentionSeconds = 24 * 60 * 60;

/** Milliseconds that writers and the host have for themselves between two batches. */
const pauseBetweenBatchesMs = 10;

export interface TrimOptions {
  readonly records: Pick<StreamRecords, "trim">;
  /** Milliseconds between two passes; the first comes at once. An hour by default. */
  readonly everyMs?: number;
  readonly log: Log;
}

/**
 * Drops stream records after 24 hours, as AWS does, because dynoxide keeps them for ever. A pass reads from the oldest
 * record up to the first that is young enough, in short transactions.
 */
export function trimStreams({ records, everyMs = 60 * 60 * 1000, log }: TrimOptions): { stop(): Promise<void> } {
  const stopped = new AbortController();
  const { signal } = stopped;
  const running = (async () => {
    while (!signal.aborted) {
      await trimOnce(records, signal).catch((error: unknown) => {
        // A lock that was held for too long; the next pass finds the same records.
        log({ level: "warn", msg: "trimming stream records failed", reason: reason(error) });
      });
      await pause(everyMs, signal);
    }
  })();
  return {
    stop: async () => {
      stopped.abort();
      await running;
    },
  };
}

async function trimOnce(records: TrimOptions["records"], signal: AbortSignal): Promise<void> {
  const horizon = Math.floor(Date.now() / 1000) - retentionSeconds;
  for (let id: number | undefined = 0; id !== undefined && !signal.aborted; ) {
    await pause(pauseBetweenBatchesMs, signal);
    if (!signal.aborted) id = records.trim(id, horizon);
  }
}
