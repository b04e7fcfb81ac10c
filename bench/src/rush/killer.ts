import { setTimeout as sleep } from "node:timers/promises";
import type { ShopProcess } from "@doubleshot/dev-shop";

export interface Killings {
  /** Nobody is killed any more. Resolves, when all are up again, with how often each was killed. */
  end(): Promise<Readonly<Record<string, number>>>;
}

/** Milliseconds from one kill to the next, beyond the time that the killed one takes to come back. */
const usualPeace = { shortest: 300, longest: 1_500 };

/** What is needed of a process to kill it and see it come back. */
type Mortal = Pick<ShopProcess, "name" | "kill" | "up">;

/** Kills one process after another (kill -9), whichever chance picks, and lets each come back before the next. */
export function kill(processes: readonly Mortal[], random: () => number, peace = usualPeace): Killings {
  const killed: Record<string, number> = {};
  const over = new AbortController();
  const killing = (async () => {
    for (;;) {
      const pause = peace.shortest + random() * (peace.longest - peace.shortest);
      await sleep(pause, undefined, { signal: over.signal }).catch(() => undefined);
      if (over.signal.aborted) return;
      const process = processes[Math.floor(random() * processes.length)];
      if (process === undefined) return;
      await process.kill("SIGKILL");
      killed[process.name] = (killed[process.name] ?? 0) + 1;
      await process.up();
    }
  })();
  // A process that does not come back must not end the rush; `end` tells of it.
  killing.catch(() => undefined);
  return {
    end: async () => {
      over.abort();
      await killing;
      return killed;
    },
  };
}
