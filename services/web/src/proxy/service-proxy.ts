import { once } from "node:events";
import { type ClientRequest, type IncomingMessage, request as send } from "node:http";
import { goneSignal, type Logger, ProblemError } from "@doubleshot/service-kit";
import type { Request, Response } from "express";
import { answerHeaders, requestHeaders } from "./forwarded-headers.ts";

/** A service behind the proxy. */
export interface Upstream {
  readonly name: string;
  /** Paths that lead to it, with the paths below them. */
  readonly paths: readonly string[];
  readonly url: URL;
}

/** Ends a request early: closes a response that has begun, and otherwise rejects it with the problem. */
type Ending = (problem: ProblemError) => void;

/**
 * Passes requests on to the services, and their responses back, as they come. A request is one of:
 * - sent       the service has not begun its response. It may take hours: a caller waits for its coffee
 * - answered   the response is passed on, at the speed of the caller. A stream of events has no end
 * - completed  the response has come to its end
 * - left       the caller has gone, which ends the request at the service, too
 * - lost       the service has gone: a 503, or a broken response if it had begun
 * - drained    this process stops: a 503, the end of a stream of events, or a broken response if another one had begun
 *
 * Each request has a connection of its own. A kept one might close just when the next request is sent, and a proxy cannot
 * repeat a request whose body has passed through.
 */
export class ServiceProxy {
  readonly upstreams: readonly Upstream[];
  readonly #log: Logger;
  readonly #open = new Set<Ending>();
  #closed = false;

  constructor(upstreams: readonly Upstream[], log: Logger) {
    this.upstreams = upstreams;
    this.#log = log;
  }

  /** Rejects with a 503 if the service is unreachable. */
  async forward(upstream: Upstream, request: Request, response: Response): Promise<void> {
    if (this.#closed) throw closing();
    const gone = goneSignal(response);
    const sent = sentTo(upstream, request);
    const ended = Promise.withResolvers<never>();
    const end: Ending = (problem) => {
      if (response.headersSent) endEarly(response);
      ended.reject(problem);
      sent.destroy();
    };
    const leave = () => sent.destroy();
    this.#open.add(end);
    if (gone.aborted) leave();
    else gone.addEventListener("abort", leave, { once: true });
    if (request.get("expect") !== undefined) response.writeContinue();
    request.pipe(sent);
    try {
      await passBack(await Promise.race([answerOf(sent), ended.promise]), response, gone);
    } catch (error) {
      if (gone.aborted || response.headersSent) return;
      if (error instanceof ProblemError) throw error;
      this.#log.warn({ err: error, service: upstream.name }, "a service is unreachable");
      throw unreachable(upstream.name);
    } finally {
      this.#open.delete(end);
    }
  }

  /** Ends every request: callers that wait get a 503, and streams end, so that browsers reconnect. */
  close(): void {
    this.#closed = true;
    for (const end of this.#open) end(closing());
  }
}

function sentTo({ url }: Upstream, request: Request): ClientRequest {
  const { hostname, port } = url;
  const sent = send({
    agent: false,
    hostname,
    port,
    method: request.method,
    path: request.originalUrl,
    headers: requestHeaders(request),
  });
  // The kernel's probes find that the machine of a service has vanished.
  sent.setSocketKeepAlive(true, 10_000);
  return sent;
}

function answerOf(sent: ClientRequest): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    sent.once("response", resolve);
    // After the response has begun, the response reports the error.
    sent.on("error", reject);
  });
}

/** An event stream may end after any event. Any other response is destroyed, so that the client sees it is incomplete. */
function endEarly(response: Response): void {
  if (/^text\/event-stream\b/i.test(response.get("content-type") ?? "")) response.end();
  else response.destroy();
}

/** Rejects if the service or the caller goes before the end. The response is broken then, and not merely short. */
async function passBack(answer: IncomingMessage, response: Response, gone: AbortSignal): Promise<void> {
  response.writeHead(answer.statusCode ?? 502, answerHeaders(answer));
  // The first event of a stream may come late, and its caller must learn at once that it is open.
  response.flushHeaders();
  try {
    for await (const chunk of answer) {
      if (response.writableEnded) return;
      if (!response.write(chunk)) await once(response, "drain", { signal: gone });
    }
    response.end();
  } catch (error) {
    if (!response.writableEnded) response.destroy();
    throw error;
  }
}

function unreachable(service: string): ProblemError {
  const detail = `The ${service} service is unreachable. Send the request again after Retry-After seconds, with the same Idempotency-Key.`;
  return new ProblemError(503, detail, { headers: { "Retry-After": "1" } });
}

function closing(): ProblemError {
  const detail =
    "This process is stopping. Send the request again after Retry-After seconds, with the same Idempotency-Key.";
  return new ProblemError(503, detail, { headers: { "Retry-After": "1" } });
}
