import type { ShopProcess } from "@doubleshot/dev-shop";

/** The `env` of a process to inspect: V8's inspector on a free port, which the process prints on stderr. */
export const inspected = { NODE_OPTIONS: "--inspect=127.0.0.1:0" };

/** Bytes of the heap in use after a full garbage collection, and resident bytes of the process. */
export interface Memory {
  readonly heap: number;
  readonly resident: number;
}

/**
 * Inspects a process that runs as in production, without code for it in the process. It uses the protocol of the Chrome
 * DevTools.
 *
 * @see https://chromedevtools.github.io/devtools-protocol/v8/
 */
export class Inspector implements Disposable {
  readonly #socket: WebSocket;
  readonly #pending = new Map<number, PromiseWithResolvers<unknown>>();
  #calls = 0;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.addEventListener("message", ({ data }) => this.#take(JSON.parse(String(data))));
    socket.addEventListener("close", () => {
      for (const { reject } of this.#pending.values()) reject(new Error("The inspected process has gone."));
      this.#pending.clear();
    });
  }

  /** @throws Error when the process was not started with `inspected`. */
  static async of(process: ShopProcess): Promise<Inspector> {
    const url = process
      .output()
      .flatMap((line) => /ws:\S+/.exec(line) ?? [])
      .at(-1);
    if (url === undefined) throw new Error(`${process.name} has no inspector: start it with NODE_OPTIONS=--inspect.`);
    const socket = new WebSocket(url);
    await new Promise<void>((resolve, reject) => {
      socket.addEventListener("open", () => resolve());
      socket.addEventListener("error", () =>
        reject(new Error(`The inspector of ${process.name} does not answer at ${url}.`)),
      );
    });
    return new Inspector(socket);
  }

  /** Evaluates the expression in the process, and awaits a promise. The value must be JSON. @throws Error when it fails */
  async evaluate<Value>(expression: string): Promise<Value> {
    const answer = await this.#call("Runtime.evaluate", { expression, returnByValue: true, awaitPromise: true });
    const { result, exceptionDetails } = answer as { result: { value: Value }; exceptionDetails?: object };
    if (exceptionDetails) throw new Error(`${expression} fails there: ${JSON.stringify(exceptionDetails)}`);
    return result.value;
  }

  /** Collects all garbage first. */
  async memory(): Promise<Memory> {
    // The second collection frees the objects that finalizers released.
    await this.#call("HeapProfiler.collectGarbage");
    await this.#call("HeapProfiler.collectGarbage");
    const { heapUsed, rss } = await this.evaluate<NodeJS.MemoryUsage>("process.memoryUsage()");
    return { heap: heapUsed, resident: rss };
  }

  /** Milliseconds of CPU that the process has used since it started. */
  async cpu(): Promise<number> {
    const { user, system } = await this.evaluate<NodeJS.CpuUsage>("process.cpuUsage()");
    return (user + system) / 1_000;
  }

  [Symbol.dispose](): void {
    this.#socket.close();
  }

  #call(method: string, params: object = {}): Promise<unknown> {
    const id = ++this.#calls;
    const call = Promise.withResolvers<unknown>();
    this.#pending.set(id, call);
    this.#socket.send(JSON.stringify({ id, method, params }));
    return call.promise;
  }

  #take({ id, result, error }: { id?: number; result?: unknown; error?: { message: string } }): void {
    if (id === undefined) return;
    const call = this.#pending.get(id);
    this.#pending.delete(id);
    if (error) call?.reject(new Error(error.message));
    else call?.resolve(result);
  }
}
