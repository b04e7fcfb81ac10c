import { texts } from "./texts.ts";

/** Why a request had no success. */
export interface Failure {
  /**
   * - passing  the shop is unreachable, stopping or over a limit: the same request may succeed later
   * - refused  the shop does not take the request: it stays refused
   */
  readonly kind: "passing" | "refused";
  /** 0 if there was no response. */
  readonly status: number;
  /** For the reader of the page, with the next step. */
  readonly detail: string;
  /** Milliseconds until the request may be repeated. */
  readonly retryMs: number;
}

export type Answer<T> = { readonly ok: true; readonly body: T | undefined } | ({ readonly ok: false } & Failure);

interface CallOptions {
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
  /** Without an answer by then, the request has failed for now. The default is 15 s. */
  readonly timeoutMs?: number;
  /** Sends no token, although somebody is signed in. */
  readonly isAnonymous?: boolean;
}

const defaultTimeoutMs = 15_000;
const retryMs = 2_000;
const maxRetryMs = 30_000;

let tokenOf: () => string | undefined = () => undefined;
let onRefusedToken: () => void = () => undefined;

/** Sends the token, if there is one, with every request. `onRefused` is called when the shop does not take it any more. */
export function provideToken(token: () => string | undefined, onRefused: () => void): void {
  tokenOf = token;
  onRefusedToken = onRefused;
}

/** Sends a request to the shop, with the token of the session. Rejects as `fetch` does. */
export async function request(path: string, init: RequestInit = {}, isAnonymous = false): Promise<Response> {
  const token = isAnonymous ? undefined : tokenOf();
  const headers = { ...init.headers, ...(token !== undefined && { authorization: `Bearer ${token}` }) };
  const response = await fetch(path, { ...init, headers, cache: "no-store" });
  if (response.status === 401 && token !== undefined && token === tokenOf()) onRefusedToken();
  return response;
}

/** Sends a request to the shop. Never rejects, except with the reason of the signal. A 204 has no body. */
export async function call<T>(method: "GET" | "POST", path: string, options: CallOptions = {}): Promise<Answer<T>> {
  const { body, headers, signal, timeoutMs = defaultTimeoutMs } = options;
  const limit = AbortSignal.timeout(timeoutMs);
  try {
    const init = {
      method,
      headers: { ...(body !== undefined && { "content-type": "application/json" }), ...headers },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      signal: signal ? AbortSignal.any([signal, limit]) : limit,
    };
    const response = await request(path, init, options.isAnonymous);
    if (!response.ok) return { ok: false, ...(await failureOf(response)) };
    return { ok: true, body: response.status === 204 ? undefined : ((await response.json()) as T) };
  } catch {
    signal?.throwIfAborted();
    const detail = navigator.onLine ? texts.problems.unreachable : texts.connection.offline;
    return { ok: false, kind: "passing", status: 0, detail, retryMs };
  }
}

/** Returns the failure in words for the reader of the page. */
export async function failureOf(response: Response): Promise<Failure> {
  const { status, headers } = response;
  const seconds = Number(headers.get("retry-after"));
  const wait = seconds > 0 ? Math.min(seconds * 1_000, maxRetryMs) : retryMs;
  const isPassing = status >= 500 || status === 429;
  // A random share spreads the retries of pages that failed together. No retry is earlier than `Retry-After`, up to 30 s.
  const spreadMs = wait * (1 + Math.random() / 2);
  return { kind: isPassing ? "passing" : "refused", status, detail: await detailOf(response), retryMs: spreadMs };
}

/** The page's own words where it has some. The shop's detail speaks to programs, and is better than none. */
async function detailOf(response: Response): Promise<string> {
  const own = texts.problems.statuses[response.status];
  if (own !== undefined) return own;
  if (response.status >= 500) return texts.problems.busy;
  const problem: unknown = await response.json().catch(() => undefined);
  const { detail } = Object(problem) as { readonly detail?: unknown };
  return typeof detail === "string" ? detail : texts.problems.unexpected;
}

/**
 * A random UUID. The shop accepts a guest's UUID key from any address, so a phone may change its network between two attempts.
 * `crypto.randomUUID` exists only on secure origins, and a page opened at a shop's address in the local network has none.
 * @see https://www.rfc-editor.org/rfc/rfc9562#section-5.4
 */
export function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  const digits = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return digits.replace(/^(.{8})(.{4}).(.{3}).(.{3})/, "$1-$2-4$3-8$4-");
}

/** Resolves after the time, or when the device is online again. Rejects with the reason of the signal. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const over = new AbortController();
    const end = (settle: () => void) => () => {
      over.abort();
      clearTimeout(timer);
      settle();
    };
    const timer = setTimeout(end(resolve), ms);
    const leave = end(() => reject(signal.reason));
    window.addEventListener("online", end(resolve), { signal: over.signal });
    if (signal.aborted) leave();
    else signal.addEventListener("abort", leave, { signal: over.signal });
  });
}
