import { setTimeout as sleep } from "node:timers/promises";
import { postJson } from "./post-json.ts";

export interface Answer {
  readonly status: number;
  /** The parsed JSON; undefined if the answer has no body. */
  readonly body: unknown;
}

export interface Call {
  readonly path: string;
  readonly json: unknown;
  /** Time in which the bar must answer, or the call counts as lost. */
  readonly timeoutMs: number;
  /** Ends the call with undefined. */
  readonly signal?: AbortSignal;
  /** Called for each failed attempt that is repeated. */
  readonly onRetry: (reason: unknown) => void;
}

/** An access token, or the source of one for each call. */
export type Token = string | (() => string | Promise<string>);

const minPauseMs = 50;
const maxPauseMs = 2_000;

/**
 * The bar, at one or more addresses. Every call to it is safe to repeat. So a call that gets no answer, or a 5xx, is repeated
 * at the next address until there is an answer: a dead or frozen instance costs a moment. A call that gets a 401 is repeated,
 * too, with the token that its source returns by then: a token that expired costs no order.
 */
export class Bar {
  readonly #urls: readonly string[];
  readonly #token: Token | undefined;
  #current = 0;

  constructor(urls: readonly string[], token?: Token) {
    this.#urls = urls.map(withoutEndSlashes);
    this.#token = token;
  }

  /** Returns the answer of any status below 500 but 401; undefined only when the signal fired. */
  async post(call: Call): Promise<Answer | undefined> {
    for (let attempt = 0; !isAborted(call); attempt++) {
      const tried = this.#current;
      try {
        const answer = await this.#try(call);
        if (answer.status < 500 && answer.status !== 401) return answer;
        call.onRetry(new Error(`The bar answered ${answer.status}.`));
      } catch (error) {
        if (isAborted(call)) break;
        call.onRetry(error);
      }
      // Unless another call has moved on already.
      if (this.#current === tried) this.#current = (tried + 1) % this.#urls.length;
      const pauseMs = Math.min(maxPauseMs, minPauseMs * 2 ** attempt) * (0.5 + Math.random() / 2);
      await sleep(pauseMs, undefined, call.signal && { signal: call.signal }).catch(() => undefined);
    }
    return undefined;
  }

  async #try({ path, json, timeoutMs, signal }: Call): Promise<Answer> {
    const either = AbortSignal.any([AbortSignal.timeout(timeoutMs), ...(signal ? [signal] : [])]);
    const token = typeof this.#token === "function" ? await this.#token() : this.#token;
    const url = new URL(`${this.#urls[this.#current]}${path}`);
    const { status, text } = await postJson(url, json, { signal: either, ...(token !== undefined && { token }) });
    return { status, body: text === "" ? undefined : JSON.parse(text) };
  }
}

/** `new URL` drops spaces around the text, which would otherwise stand before the path. */
function withoutEndSlashes(url: string): string {
  const { href } = new URL(url);
  let end = href.length;
  while (href[end - 1] === "/") end--;
  return href.slice(0, end);
}

function isAborted({ signal }: Call): boolean {
  return signal?.aborted ?? false;
}
