import type { Faults } from "./faults.ts";
import type { FakeProcess } from "./hosts/fake-process.ts";
import type { Time } from "./time/time.ts";

/** A request as the service sees it. */
export interface Call {
  /** The caller has given up or died: nobody will read the answer. */
  readonly hungUp: () => boolean;
  /** Fires when the caller gives up; a caller that dies says nothing. */
  readonly signal?: AbortSignal | undefined;
}

export interface NetworkOptions {
  readonly time: Time;
  readonly faults: Faults;
  /** Milliseconds one way, at least and at most. */
  readonly latency: readonly [least: number, most: number];
}

export interface Request {
  readonly from: FakeProcess;
  readonly signal: AbortSignal | undefined;
  /** Has its effect when it is called. */
  readonly serve: (call: Call) => object | Promise<object>;
  /** What this service says when it is asked too much. */
  readonly throttling: () => Error;
  /** The SDK tries again by itself, and tells so only by counting its attempts. */
  readonly mayBeRetried: boolean;
}

/**
 * The way between a process and AWS. A request *travels*, is *served*, and its answer travels back. On the way it may be
 * turned away; lost; held up until its caller has given up, and take effect all the same; or served and its answer lost.
 * The last three look the same to the caller: no answer. A call may also hang for a minute, or be answered with a 500 that
 * names no error, and have had its effect or not. The process may die at each step.
 */
export class Network {
  readonly #options: NetworkOptions;

  constructor(options: NetworkOptions) {
    this.#options = options;
  }

  send(request: Request): Promise<object> {
    const { from, signal } = request;
    return new Promise((resolve, reject) => {
      let over = false;
      const end = (settle: () => void) => {
        if (over) return;
        over = true;
        signal?.removeEventListener("abort", abort);
        from.whenAwake(settle);
      };
      const abort = () => end(() => reject(aborted()));
      signal?.addEventListener("abort", abort);
      if (signal?.aborted) abort();
      const call = { hungUp: () => over || from.crashed, signal };
      const answer = {
        give: (output: object) => end(() => resolve(output)),
        refuse: (error: unknown) => end(() => reject(error)),
      };
      if (!from.crashed) this.#travel(request, call, answer);
    });
  }

  #travel(request: Request, call: Call, answer: Answer): void {
    const { faults } = this.#options;
    this.#mayFail(request.from);
    if (faults.strikes("throttled")) this.#later(() => answer.refuse(request.throttling()));
    else if (faults.strikes("request lost")) this.#later(() => answer.refuse(timedOut()), this.#patience());
    else if (faults.strikes("request late")) this.#serveLate(request, answer);
    else if (faults.strikes("bare 500")) this.#fail(request, call, () => answer.refuse(bareFailure()));
    else if (faults.strikes("call hung")) this.#fail(request, call, () => answer.refuse(timedOut()), longPatience);
    else this.#later(() => void this.#serve(request, call, answer));
  }

  /** Has its effect by lot, and is answered so in any case. */
  #fail(request: Request, call: Call, refuse: () => void, after?: number): void {
    const takesEffect = this.#options.faults.random.chance(0.5);
    this.#later(() => {
      if (takesEffect) void serveUnheard(request, call);
      this.#later(refuse, after);
    });
  }

  #serveLate(request: Request, answer: Answer): void {
    const { time, faults } = this.#options;
    const givenUpAfter = this.#patience();
    time.after(givenUpAfter, () => answer.refuse(timedOut()));
    time.after(givenUpAfter + faults.random.integer(1, 2_000), () => {
      void serveUnheard(request, { hungUp: () => true });
    });
  }

  async #serve(request: Request, call: Call, answer: Answer): Promise<void> {
    const { faults } = this.#options;
    const lost = faults.strikes("answer lost");
    const attempts = request.mayBeRetried && faults.strikes("retried by the SDK") ? 2 : 1;
    try {
      if (attempts > 1) await serveUnheard(request, call);
      const output = await request.serve(call);
      this.#mayFail(request.from);
      const $metadata = { httpStatusCode: 200, attempts, totalRetryDelay: 0 };
      this.#later(() => (lost ? answer.refuse(hungUp()) : answer.give({ ...output, $metadata })));
    } catch (error) {
      if (attempts > 1) countAttempts(error, attempts);
      this.#later(() => answer.refuse(lost ? hungUp() : error));
    }
  }

  #later(run: () => void, milliseconds = this.#latency()): void {
    if (milliseconds === 0) queueMicrotask(run);
    else this.#options.time.after(milliseconds, run);
  }

  #latency(): number {
    return this.#options.faults.random.integer(...this.#options.latency);
  }

  /** After how long a caller gives an unanswered call up. */
  #patience(): number {
    return this.#options.faults.random.integer(200, 3_000);
  }

  #mayFail(process: FakeProcess): void {
    const { faults } = this.#options;
    if (process.crashed || !process.mortal) return;
    if (faults.strikes("process crashed")) process.crash();
    else if (faults.strikes("process suspended")) process.suspend(faults.random.integer(500, 40_000));
  }
}

/** Milliseconds: longer than a message in hand stays hidden without a heartbeat, and than functions may take. */
const longPatience = 60_000;

interface Answer {
  readonly give: (output: object) => void;
  readonly refuse: (error: unknown) => void;
}

/** The request takes effect, or fails, and nobody is told. */
async function serveUnheard({ serve }: Request, call: Call): Promise<void> {
  await Promise.resolve(call)
    .then(serve)
    .catch(() => undefined);
}

function countAttempts(error: unknown, attempts: number): void {
  const { $metadata } = error as { $metadata?: { attempts?: number } };
  if ($metadata) $metadata.attempts = attempts;
}

function timedOut(): Error {
  return Object.assign(new Error("Connection timed out"), { name: "TimeoutError", $metadata: {} });
}

/** What the SDK makes of an answer whose body says nothing. */
function bareFailure(): Error {
  return Object.assign(new Error("UnknownError"), { name: "UnknownError", $metadata: { httpStatusCode: 500 } });
}

function hungUp(): Error {
  return Object.assign(new Error("socket hang up"), { code: "ECONNRESET", $metadata: {} });
}

function aborted(): Error {
  return Object.assign(new Error("Request aborted"), { name: "AbortError", $metadata: {} });
}
