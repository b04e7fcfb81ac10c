import { pause } from "../pause.ts";

/** Waits that double from `minMs` to `maxMs` until `reset`, shortened at random by up to half. */
export function createBackoff({ minMs, maxMs }: { minMs: number; maxMs: number }, signal: AbortSignal) {
  let failures = 0;
  return {
    wait: async () => {
      const delayMs = Math.min(maxMs, minMs * 2 ** failures);
      failures += 1;
      await pause(delayMs * (1 - Math.random() / 2), signal);
    },
    reset: () => {
      failures = 0;
    },
    get failures() {
      return failures;
    },
  };
}
