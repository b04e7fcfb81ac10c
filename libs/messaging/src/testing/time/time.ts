/** The time of the fake's servers and network. */
export interface Time {
  /** Milliseconds since the epoch. */
  now(): number;
  /**
   * Runs that many milliseconds later, unless the returned function is called first. In the `background`, it does not keep the
   * process alive.
   */
  after(milliseconds: number, run: () => void, background?: "background"): () => void;
}

export const realTime: Time = {
  now: () => Date.now(),
  after: (milliseconds, run, background) => {
    const due = Date.now() + milliseconds;
    let timer: NodeJS.Timeout;
    // A timer of Node.js may fire a millisecond early by the clock. Then the due work would not be due yet.
    const runIfDue = () => (Date.now() >= due ? run() : wait(1));
    const wait = (left: number) => {
      timer = setTimeout(runIfDue, left);
      if (background) timer.unref();
    };
    // The caller's time may have passed while it asked, and Node.js warns of a negative time.
    wait(Math.max(0, milliseconds));
    return () => clearTimeout(timer);
  },
};
