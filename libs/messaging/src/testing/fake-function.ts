import type { FakeProcess } from "./fake-process.ts";
import type { Faults } from "./faults.ts";
import type { Time } from "./time.ts";

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

/** A Lambda function: one process at a time, kept between invocations until it dies or is killed for taking too long. */
export class FakeFunction<Event> {
  readonly #options: FakeFunctionOptions<Event>;
  #loaded: { process: FakeProcess; handler: Handler<Event> } | undefined;

  constructor(options: FakeFunctionOptions<Event>) {
    this.#options = options;
  }

  /** What the handler returned. @throws what it threw; or that it died or ran out of time, without waiting for more of it. */
  invoke(event: Event): Promise<unknown> {
    const { time, timeoutSeconds = 30 } = this.#options;
    const { process, handler } = this.#running();
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
        });
    });
  }

  #running() {
    if (this.#loaded === undefined || this.#loaded.process.crashed) {
      const process = this.#options.newProcess(this.#options.name);
      this.#loaded = { process, handler: this.#options.load(process) };
    }
    return this.#loaded;
  }

  /** It comes to a stop in the midst of its work, and nobody hears of it before its time is over. */
  #mayFreeze(process: FakeProcess): () => void {
    const { time, faults } = this.#options;
    if (!faults.strikes("function timed out")) return () => {};
    return time.after(faults.random.integer(0, 60), () => process.crash());
  }
}
