import { type Agent, type IncomingHttpHeaders, type RequestOptions, request } from "node:http";

export interface Call {
  readonly method: "GET" | "POST";
  readonly url: string;
  readonly json?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** The source address of the connection. */
  readonly localAddress?: string | undefined;
  /** Reused connections; without one, each call has its own. */
  readonly agent?: Agent;
  /** The call fails after this time without an answer. Without it, the call has no time limit. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** The parsed JSON; undefined without a body, or when the body is no JSON. */
  readonly body: unknown;
}

/**
 * Makes one HTTP request. Rejects when the connection fails before the whole answer has arrived. It uses node:http and not
 * fetch, because a customer needs a source address of their own and a wait without a time limit.
 */
export function call({ method, url, json, headers, localAddress, agent, timeoutMs, signal }: Call): Promise<Answer> {
  const body = json === undefined ? undefined : JSON.stringify(json);
  const options: RequestOptions = {
    method,
    agent: agent ?? false,
    family: 4,
    headers: {
      ...headers,
      ...(body !== undefined && { "content-type": "application/json", "content-length": Buffer.byteLength(body) }),
    },
    ...(localAddress !== undefined && { localAddress }),
    ...(signal && { signal }),
  };
  return new Promise((resolve, reject) => {
    const sent = request(url, options, (received) => {
      const chunks: Buffer[] = [];
      received.on("data", (chunk: Buffer) => chunks.push(chunk));
      received.once("error", reject);
      received.once("end", () => {
        if (!received.complete) return reject(new Error("The answer was cut off."));
        resolve({
          status: received.statusCode ?? 0,
          headers: received.headers,
          body: parsed(Buffer.concat(chunks).toString()),
        });
      });
    });
    sent.once("error", reject);
    if (timeoutMs !== undefined) {
      sent.setTimeout(timeoutMs, () => sent.destroy(new Error(`No answer within ${timeoutMs} ms.`)));
    }
    sent.end(body);
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
