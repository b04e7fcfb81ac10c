/** How long to wait between polls, in milliseconds. */
export interface PaceOptions {
  readonly busy: number;
  readonly idle: number;
  /** How long after the last record traffic counts as over. */
  readonly calmAfter: number;
}

/**
 * One order soon brings the next record (placed, started, finished), so polls are close together right after traffic
 * and spread out by half each time once it is over.
 */
export function createPace({ busy, idle, calmAfter }: PaceOptions, now: () => number = Date.now) {
  let lastTraffic = Number.NEGATIVE_INFINITY;
  let delay = idle;
  return {
    traffic: () => {
      lastTraffic = now();
      delay = busy;
    },
    next: (): number => {
      if (now() - lastTraffic >= calmAfter) delay = Math.min(idle, delay * 1.5);
      return delay;
    },
  };
}

export const defaultPace: PaceOptions = { busy: 2, idle: 10, calmAfter: 1000 };
