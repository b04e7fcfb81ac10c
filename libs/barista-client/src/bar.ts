import { setTimeout as sleep } from "node:timers/promises";
import { postJson } from "./post-json.ts";

export interface Answer {
  readonly status: number;
  /** The parsed JSON; undefined when there is none. */
  readonly body: unknown;
}

export interface Call {
  readonly path: string;
  readonly json: unknown;
  /** Milliseconds the bar may take before the call counts as lost. */
  readonly within: number;
  /** Gives up: the call ends with undefined. */
  readonly signal?: AbortSignal;
  /** Told of each attempt that came to nothing and is repeated. */
  readonly onRetry: (reason: unknown) => void;
}

const shortestPause = 50;
const longestPause = 2_000;

/**
 * The bar, wherever it answers. Every call to it may be repeated without harm, so one that gets no answer, or a 5xx, is
 * made again until there is an answer, at the next of its addresses: an instance that is dead or frozen costs a moment.
 */
export class Bar {
  readonly #urls: readonly string[];
  #at = 0;

  constructor(urls: readonly string[]) {
    this.#urls = urls;
  }

  /** The answer, whatever it says; undefined only when the signal fired. */
  async post(call: Call): Promise<Answer | undefined> {
    for (let attempt = 0; !isOver(call); attempt++) {
      const tried = this.#at;
      try {
        const answer = await this.#try(call);
        if (answer.status < 500) return answer;
        call.onRetry(new Error(`The bar answered ${answer.status}.`));
      } catch (error) {
        if (isOver(call)) break;
        call.onRetry(error);
      }
      // Unless another call has moved on already.
      if (this.#at === tried) this.#at = (tried + 1) % this.#urls.length;
      const pause = Math.min(longestPause, shortestPause * 2 ** attempt) * (0.5 + Math.random() / 2);
      await sleep(pause, undefined, call.signal && { signal: call.signal }).catch(() => undefined);
    }
    return undefined;
  }

  async #try({ path, json, within, signal }: Call): Promise<Answer> {
    const either = AbortSignal.any([AbortSignal.timeout(within), ...(signal ? [signal] : [])]);
    const { status, text } = await postJson(new URL(`${this.#urls[this.#at]}${path}`), json, either);
    return { status, body: text === "" ? undefined : JSON.parse(text) };
  }
}

function isOver({ signal }: Call): boolean {
  return signal?.aborted ?? false;
}
