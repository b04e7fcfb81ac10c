/** Waits between polls, in milliseconds. */
export interface PaceOptions {
  /** The shortest wait, right after traffic. */
  readonly busyMs: number;
  /** The longest wait while no commit has been reported: the file system may report none. */
  readonly idleMs: number;
  /** The longest wait where commits are reported, which end it early. */
  readonly wokenMs: number;
}

/** The waits between polls of all mappings of a host. */
export interface Pace {
  /** A record came: polls are close together from now on. */
  traffic(): void;
  /** A commit was reported: all waits of this moment end. */
  wake(): void;
  /**
   * Resolves when it is time for the next poll, or `signal` aborts; never rejects. `polledAt` is the time at which the last poll
   * began.
   */
  rest(signal: AbortSignal, polledAt: number): Promise<void>;
}

/**
 * A wait of a fortieth of the quiet before it adds at most 2.5 % to the time between two records. Where commits end the
 * waits, these add nothing: each is as long as the quiet before it, so that ten polls follow a record within a second.
 */
const quietPerWait = { idleMs: 40, wokenMs: 1 };

/** A commit is reported while SQLite writes it, and can be read a moment later. */
const commitMs = 5;

/** `idleMs` is four polls a second, as AWS polls, and is reached after ten seconds without a record. */
export const defaultPace: PaceOptions = { busyMs: 2, idleMs: 250, wokenMs: 1_000 };

/**
 * One order soon brings the next record (placed, started, finished), often in the stream of another service, so a record
 * in one stream hastens the polls of all. Waits grow with the time since the last record.
 */
export function createPace(options: PaceOptions, now: () => number = Date.now): Pace {
  const { busyMs } = options;
  let lastTraffic = Number.NEGATIVE_INFINITY;
  let lastCommit = Number.NEGATIVE_INFINITY;
  /** Whether the file system reports commits is known from the first report. */
  let longest: "idleMs" | "wokenMs" = "idleMs";
  const resting = new Set<() => void>();
  const endWaits = () => {
    for (const end of resting) end();
  };
  return {
    traffic: () => {
      lastTraffic = now();
      endWaits();
    },
    wake: () => {
      lastCommit = now();
      longest = "wokenMs";
      endWaits();
    },
    rest: (signal, polledAt) => {
      const quiet = now() - lastTraffic;
      // The last poll may have been too early for that commit, whose report ended no wait then.
      const mayHaveMissed = lastCommit >= polledAt - commitMs;
      const ms = mayHaveMissed ? busyMs : Math.min(options[longest], Math.max(busyMs, quiet / quietPerWait[longest]));
      return new Promise((resolve) => {
        const end = () => {
          clearTimeout(timer);
          resting.delete(end);
          signal.removeEventListener("abort", end);
          resolve();
        };
        const timer = setTimeout(end, ms);
        // Each commit would double the polls of a busy host, and save no time.
        if (ms > busyMs) resting.add(end);
        signal.addEventListener("abort", end);
        if (signal.aborted) end();
      });
    },
  };
}
