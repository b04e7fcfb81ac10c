import { texts } from "./texts.ts";

/** Why a request had no success. */
interface Failure {
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
}

const retryMs = 2_000;
const maxRetryMs = 30_000;

/** Sends a request to the shop. Never rejects, except with the reason of the signal. A 204 has no body. */
export async function call<T>(method: "GET" | "POST", path: string, options: CallOptions = {}): Promise<Answer<T>> {
  const { body, headers, signal } = options;
  try {
    const response = await fetch(path, {
      method,
      headers: { ...(body !== undefined && { "content-type": "application/json" }), ...headers },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      ...(signal && { signal }),
    });
    const json: unknown = response.status === 204 ? undefined : await response.json();
    return response.ok ? { ok: true, body: json as T } : { ok: false, ...failureOf(response, json) };
  } catch {
    signal?.throwIfAborted();
    const detail = navigator.onLine ? texts.problems.unreachable : texts.connection.offline;
    return { ok: false, kind: "passing", status: 0, detail, retryMs };
  }
}

function failureOf({ status, headers }: Response, problem: unknown): Failure {
  const { detail } = (problem ?? {}) as { readonly detail?: unknown };
  const seconds = Number(headers.get("retry-after"));
  return {
    kind: status >= 500 || status === 429 ? "passing" : "refused",
    status,
    detail: typeof detail === "string" ? detail : texts.problems.unexpected,
    retryMs: seconds > 0 ? Math.min(seconds * 1_000, maxRetryMs) : retryMs,
  };
}

/** A key that nobody else has. `crypto.randomUUID` exists on secure origins alone, and a shop may be at an address of its network. */
export function newKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
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
    window.addEventListener("online", end(resolve), { signal: over.signal });
    if (signal.aborted) end(() => reject(signal.reason))();
    else
      signal.addEventListener(
        "abort",
        end(() => reject(signal.reason)),
        { signal: over.signal },
      );
  });
}
