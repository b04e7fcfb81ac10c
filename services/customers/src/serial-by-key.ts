/**
 * Lets work on the same key run one after the other, in this process. Nothing relies on it: it saves attempts that would lose to
 * each other.
 */
export class SerialByKey {
  readonly #last = new Map<string, Promise<unknown>>();

  /** Runs the work when all earlier work on this key has ended, however it ended. */
  async run<Result>(key: string, work: () => Promise<Result>): Promise<Result> {
    const turn = (this.#last.get(key) ?? Promise.resolve()).then(work, work);
    this.#last.set(key, turn);
    try {
      return await turn;
    } finally {
      if (this.#last.get(key) === turn) this.#last.delete(key);
    }
  }

  /** Keys with work under way. */
  get size(): number {
    return this.#last.size;
  }
}
