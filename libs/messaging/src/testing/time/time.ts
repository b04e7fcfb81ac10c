/** What the fake's own parts, its servers and its network, live by. */
export interface Time {
  /** Milliseconds since the epoch. */
  now(): number;
  /**
   * Runs when `now` is so many milliseconds later, unless the returned function is called before. In the `background`, for
   * a change that nobody waits for, it does not keep the process alive.
   */
  after(milliseconds: number, run: () => void, background?: "background"): () => void;
}

export const realTime: Time = {
  now: () => Date.now(),
  after: (milliseconds, run, background) => {
    const due = Date.now() + milliseconds;
    let timer: NodeJS.Timeout;
    // A timer of Node.js may fire a millisecond before the clock says so: what was due would be looked for in vain.
    const runIfDue = () => (Date.now() >= due ? run() : wait(1));
    const wait = (left: number) => {
      timer = setTimeout(runIfDue, left);
      if (background) timer.unref();
    };
    wait(milliseconds);
    return () => clearTimeout(timer);
  },
};
