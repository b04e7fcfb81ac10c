import type { Faults } from "../faults.ts";
import type { Time } from "../time/time.ts";
import type { FakeProcess } from "./fake-process.ts";

export interface FunctionContext {
  getRemainingTimeInMillis(): number;
}

export type Handler<Event> = (event: Event, context: FunctionContext) => Promise<unknown>;

export interface FakeFunctionOptions<Event> {
  readonly name: string;
  readonly time: Time;
  readonly faults: Faults;
  readonly newProcess: (name: string) => FakeProcess;
  /** Loads the function's code in a new process, with clients of its own. */
  readonly load: (process: FakeProcess) => Handler<Event>;
  /** Default 30. */
  readonly timeoutSeconds?: number;
}

interface Loaded<Event> {
  readonly process: FakeProcess;
  readonly handler: Handler<Event>;
}

/**
 * A Lambda function. A process has one invocation at a time, and is kept for later ones until it dies or is killed for
 * taking too long. Who invokes does not choose among those that are idle, and may get a new one beside them.
 */
export class FakeFunction<Event> {
  readonly #options: FakeFunctionOptions<Event>;
  #idle: Loaded<Event>[] = [];

  constructor(options: FakeFunctionOptions<Event>) {
    this.#options = options;
  }

  /** What the handler returned. @throws what it threw; or that it died or ran out of time, without waiting for more of it. */
  invoke(event: Event): Promise<unknown> {
    const { time, timeoutSeconds = 30 } = this.#options;
    const loaded = this.#take();
    const { process, handler } = loaded;
    const deadline = time.now() + timeoutSeconds * 1000;
    return new Promise((resolve, reject) => {
      const cancel = time.after(timeoutSeconds * 1000, () => process.crash());
      const cancelFreeze = this.#mayFreeze(process);
      process.onCrash(() => reject(new Error("The function's process has exited or was killed.")));
      const context = { getRemainingTimeInMillis: () => deadline - time.now() };
      void handler(event, context)
        .then(resolve, reject)
        .finally(() => {
          cancel();
          cancelFreeze();
          this.#idle.push(loaded);
        });
    });
  }

  #take(): Loaded<Event> {
    const { name, faults, newProcess, load } = this.#options;
    const idle = this.#idle.filter(({ process }) => !process.crashed);
    const chosen = idle[faults.random.integer(0, idle.length - 1)];
    const kept = chosen !== undefined && !faults.strikes("function scaled out");
    this.#idle = idle.filter((each) => !kept || each !== chosen);
    if (kept) return chosen;
    const process = newProcess(name);
    return { process, handler: load(process) };
  }

  /** It comes to a stop in the midst of its work, and nobody hears of it before its time is over. */
  #mayFreeze(process: FakeProcess): () => void {
    const { time, faults } = this.#options;
    if (!faults.strikes("function timed out")) return () => {};
    return time.after(faults.random.integer(0, 60), () => process.crash());
  }
}
