import type { Time } from "./time.ts";

interface Timer {
  readonly at: number;
  /** Timers of the same moment run in the order of their creation. */
  readonly order: number;
  run: (() => void) | undefined;
}

/** Any moment, but always the same. */
const beginning = Date.UTC(2026, 0, 1);

/** Lets a test runner's own timers fire in between. */
const jumpsPerTurn = 1_000;

/**
 * Time that passes only when nothing else is left to do.
 *
 * It stands still while promises settle, so code that does not wait takes no time. When no promise is left to settle, it jumps
 * to the next timer and runs that one. So a day costs as much as its timers, which fire in the same order each time. Code under
 * it must not wait for a real socket or timer, because virtual time would overtake them.
 */
export class VirtualTime implements Time {
  readonly #timers: Timer[] = [];
  #now = beginning;
  #order = 0;
  #jumps = 0;

  now(): number {
    return this.#now;
  }

  after(milliseconds: number, run: () => void): () => void {
    const timer: Timer = { at: this.#now + Math.max(0, milliseconds), order: this.#order++, run };
    this.#push(timer);
    return () => {
      timer.run = undefined;
    };
  }

  /**
   * Lets time pass until `done` returns true. Returns false when `limitMs` milliseconds pass first.
   */
  async pass(done: () => boolean, limitMs: number): Promise<boolean> {
    const end = this.#now + limitMs;
    for (;;) {
      await promisesSettled();
      if (++this.#jumps % jumpsPerTurn === 0) await eventLoopTurned();
      if (done()) return true;
      const timer = this.#next();
      if (timer === undefined || timer.at > end) {
        if (timer !== undefined) this.#push(timer);
        this.#now = end;
        return false;
      }
      this.#now = timer.at;
      timer.run?.();
    }
  }

  #next(): Timer | undefined {
    for (;;) {
      const timer = this.#pop();
      if (timer === undefined || timer.run !== undefined) return timer;
    }
  }

  /** A binary heap, because each call of the network is a timer. */
  #push(timer: Timer): void {
    const heap = this.#timers;
    let at = heap.length;
    for (;;) {
      const parent = (at - 1) >> 1;
      const above = heap[parent];
      if (at === 0 || above === undefined || before(above, timer)) break;
      heap[at] = above;
      at = parent;
    }
    heap[at] = timer;
  }

  #pop(): Timer | undefined {
    const heap = this.#timers;
    const [first] = heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return first;
    let at = 0;
    for (;;) {
      const child = earlier(heap, 2 * at + 1);
      const below = heap[child];
      if (below === undefined || before(last, below)) break;
      heap[at] = below;
      at = child;
    }
    heap[at] = last;
    return first;
  }
}

function earlier(heap: readonly Timer[], left: number): number {
  const [a, b] = [heap[left], heap[left + 1]];
  return a !== undefined && b !== undefined && before(b, a) ? left + 1 : left;
}

function before(a: Timer, b: Timer): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}

/** The next tick runs when no promise is left to settle, and much sooner than the next turn of the event loop. */
function promisesSettled(): Promise<void> {
  return new Promise((resolve) => process.nextTick(resolve));
}

function eventLoopTurned(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
