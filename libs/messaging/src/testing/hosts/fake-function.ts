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
 * A Lambda function. A process runs one invocation at a time, and stays for later ones until it crashes or times out. An
 * invocation takes any idle process, or a new one.
 */
export class FakeFunction<Event> {
  readonly #options: FakeFunctionOptions<Event>;
  #idle: Loaded<Event>[] = [];

  constructor(options: FakeFunctionOptions<Event>) {
    this.#options = options;
  }

  /** The handler's result. @throws the handler's error, or an error when the process crashed or timed out. */
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
    const idle = this.#idle.filter(({ process }) => !process.isCrashed);
    const chosen = idle[faults.random.integer(0, idle.length - 1)];
    const kept = chosen !== undefined && !faults.strikes("function-scaled-out");
    this.#idle = idle.filter((each) => !kept || each !== chosen);
    if (kept) return chosen;
    const process = newProcess(name);
    return { process, handler: load(process) };
  }

  /** The process stops in the middle of its work, which shows only when its time is up. */
  #mayFreeze(process: FakeProcess): () => void {
    const { time, faults } = this.#options;
    if (!faults.strikes("function-timed-out")) return () => {};
    return time.after(faults.random.integer(0, 60), () => process.crash());
  }
}
