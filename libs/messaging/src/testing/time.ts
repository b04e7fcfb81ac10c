/** What the fake's own parts, its servers and its network, live by. */
export interface Time {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Runs after so many milliseconds, unless the returned function is called before. */
  after(milliseconds: number, run: () => void): () => void;
}

export const realTime: Time = {
  now: () => Date.now(),
  after: (milliseconds, run) => {
    const timer = setTimeout(run, milliseconds);
    return () => clearTimeout(timer);
  },
};
