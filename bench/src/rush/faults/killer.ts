import { setTimeout as sleep } from "node:timers/promises";
import type { ShopProcess } from "@doubleshot/dev-shop";

export interface Killings {
  /** Stops the kills. Resolves with the number of kills of each process when all are up again. */
  end(): Promise<Readonly<Record<string, number>>>;
}

/** Time from the restart of one process to the next kill. */
const defaultPause = { minMs: 300, maxMs: 1_500 };

/** The part of a process that a killer needs. */
type Killable = Pick<ShopProcess, "name" | "kill" | "up">;

/** Kills random processes (kill -9), one after another, and waits for the restart of each before the next kill. */
export function kill(processes: readonly Killable[], random: () => number, pause = defaultPause): Killings {
  const killed: Record<string, number> = {};
  const over = new AbortController();
  const killing = (async () => {
    for (;;) {
      const pauseMs = pause.minMs + random() * (pause.maxMs - pause.minMs);
      await sleep(pauseMs, undefined, { signal: over.signal }).catch(() => undefined);
      if (over.signal.aborted) return;
      const process = processes[Math.floor(random() * processes.length)];
      if (process === undefined) return;
      await process.kill("SIGKILL");
      killed[process.name] = (killed[process.name] ?? 0) + 1;
      await process.up();
    }
  })();
  // A process that does not come back must not end the rush; `end` reports it.
  killing.catch(() => undefined);
  return {
    end: async () => {
      over.abort();
      await killing;
      return killed;
    },
  };
}
