import type { Faults } from "./faults.ts";
import type { FakeProcess } from "./hosts/fake-process.ts";
import type { Time } from "./time/time.ts";

/** A request from the view of a service. */
export interface Call {
  /** The caller has timed out or crashed and will not read the answer. */
  readonly hungUp: () => boolean;
  /** Fires when the caller aborts. A caller that crashes does not abort. */
  readonly signal?: AbortSignal | undefined;
}

export interface NetworkOptions {
  readonly time: Time;
  readonly faults: Faults;
  /** Minimum and maximum milliseconds one way. */
  readonly latencyMs: readonly [min: number, max: number];
}

export interface Request {
  readonly from: FakeProcess;
  readonly signal: AbortSignal | undefined;
  /** Takes effect when it is called. */
  readonly serve: (call: Call) => object | Promise<object>;
  /** The service's throttling error. */
  readonly throttling: () => Error;
  /** The SDK retries by itself; only its count of attempts shows it. */
  readonly mayBeRetried: boolean;
}

/**
 * The network between a process and AWS. A call ends as one of:
 * - answered   the request takes effect, and the caller receives the answer
 * - throttled  rejected before it takes effect
 * - lost       the request never arrives
 * - late       the request takes effect after the caller has timed out
 * - unheard    the request takes effect, and the answer is lost
 * - hung       no answer for a minute
 * - failed     a 500 without an error code, with or without effect
 *
 * The caller cannot distinguish lost, late and unheard. The process may crash at each step.
 */
export class Network {
  readonly #options: NetworkOptions;

  constructor(options: NetworkOptions) {
    this.#options = options;
  }

  send(request: Request): Promise<object> {
    const { from, signal } = request;
    return new Promise((resolve, reject) => {
      let isOver = false;
      const end = (settle: () => void) => {
        if (isOver) return;
        isOver = true;
        signal?.removeEventListener("abort", abort);
        from.whenAwake(settle);
      };
      const abort = () => end(() => reject(aborted()));
      signal?.addEventListener("abort", abort);
      if (signal?.aborted) abort();
      const call = { hungUp: () => isOver || from.isCrashed, signal };
      const answer = {
        give: (output: object) => end(() => resolve(output)),
        refuse: (error: unknown) => end(() => reject(error)),
      };
      if (!from.isCrashed) this.#travel(request, call, answer);
    });
  }

  #travel(request: Request, call: Call, answer: Answer): void {
    const { faults } = this.#options;
    this.#mayFail(request.from);
    if (faults.strikes("throttled")) this.#later(() => answer.refuse(request.throttling()));
    else if (faults.strikes("request-lost")) this.#later(() => answer.refuse(timedOut()), this.#patienceMs());
    else if (faults.strikes("request-late")) this.#serveLate(request, answer);
    else if (faults.strikes("bare-500")) this.#fail(request, call, () => answer.refuse(bareFailure()));
    else if (faults.strikes("call-hung")) this.#fail(request, call, () => answer.refuse(timedOut()), longPatienceMs);
    else this.#later(() => void this.#serve(request, call, answer));
  }

  /** Takes effect at random, and ends with this answer in both cases. */
  #fail(request: Request, call: Call, refuse: () => void, delayMs?: number): void {
    const takesEffect = this.#options.faults.random.chance(0.5);
    this.#later(() => {
      if (takesEffect) void serveUnheard(request, call);
      this.#later(refuse, delayMs);
    });
  }

  #serveLate(request: Request, answer: Answer): void {
    const { time, faults } = this.#options;
    const givenUpAfterMs = this.#patienceMs();
    time.after(givenUpAfterMs, () => answer.refuse(timedOut()));
    time.after(givenUpAfterMs + faults.random.integer(1, 2_000), () => {
      void serveUnheard(request, { hungUp: () => true });
    });
  }

  async #serve(request: Request, call: Call, answer: Answer): Promise<void> {
    const { faults } = this.#options;
    const isLost = faults.strikes("answer-lost");
    const attempts = request.mayBeRetried && faults.strikes("retried-by-the-sdk") ? 2 : 1;
    try {
      if (attempts > 1) await serveUnheard(request, call);
      const output = await request.serve(call);
      this.#mayFail(request.from);
      const $metadata = { httpStatusCode: 200, attempts, totalRetryDelay: 0 };
      this.#later(() => (isLost ? answer.refuse(hungUp()) : answer.give({ ...output, $metadata })));
    } catch (error) {
      if (attempts > 1) countAttempts(error, attempts);
      this.#later(() => answer.refuse(isLost ? hungUp() : error));
    }
  }

  #later(run: () => void, milliseconds = this.#latencyMs()): void {
    if (milliseconds === 0) queueMicrotask(run);
    else this.#options.time.after(milliseconds, run);
  }

  #latencyMs(): number {
    return this.#options.faults.random.integer(...this.#options.latencyMs);
  }

  /** Milliseconds after which a caller aborts an unanswered call. */
  #patienceMs(): number {
    return this.#options.faults.random.integer(200, 3_000);
  }

  #mayFail(process: FakeProcess): void {
    const { faults } = this.#options;
    if (process.isCrashed || !process.canCrash) return;
    if (faults.strikes("process-crashed")) process.crash();
    else if (faults.strikes("process-suspended")) process.suspend(faults.random.integer(500, 40_000));
  }
}

/** Longer than a visibility timeout without a heartbeat, and than the timeout of a function. */
const longPatienceMs = 60_000;

interface Answer {
  readonly give: (output: object) => void;
  readonly refuse: (error: unknown) => void;
}

/** The request takes effect or fails, without an answer. */
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

/** The SDK's error for an answer with an empty body. */
function bareFailure(): Error {
  return Object.assign(new Error("UnknownError"), { name: "UnknownError", $metadata: { httpStatusCode: 500 } });
}

function hungUp(): Error {
  return Object.assign(new Error("socket hang up"), { code: "ECONNRESET", $metadata: {} });
}

function aborted(): Error {
  return Object.assign(new Error("Request aborted"), { name: "AbortError", $metadata: {} });
}
