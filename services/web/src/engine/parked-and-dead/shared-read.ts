/** Readers share a read for this time after its end. */
const maxAgeMs = 2_000;

interface Read<T> {
  readonly result: Promise<T>;
  endedAt?: number;
}

/** One read for all that ask while it runs, and for some seconds more. A failed read is not shared further. */
export class SharedRead<T> {
  readonly #start: () => Promise<T>;
  #current: Read<T> | undefined;

  constructor(start: () => Promise<T>) {
    this.#start = start;
  }

  async read(): Promise<T> {
    const known = this.#current;
    const isFresh = known?.endedAt === undefined || performance.now() - known.endedAt < maxAgeMs;
    if (known !== undefined && isFresh) return known.result;
    const current: Read<T> = { result: this.#start() };
    this.#current = current;
    try {
      return await current.result;
    } catch (error) {
      if (this.#current === current) this.forget();
      throw error;
    } finally {
      current.endedAt = performance.now();
    }
  }

  /** The next reader reads again. */
  forget(): void {
    this.#current = undefined;
  }
}
