import type { Request, RequestHandler, Response } from "express";
import { pinoHttp } from "pino-http";
import { isProbe } from "../connections/index.ts";
import { contextOf, describeError, type Logger } from "../process/index.ts";

/** One line for each request when its answer is out, or its caller gone. No headers, no query, no bodies. */
export function requestLog(log: Logger): RequestHandler {
  return pinoHttp<Request, Response>({
    logger: log,
    wrapSerializers: false,
    serializers: {
      req: ({ method, originalUrl, ip }: Request) => ({
        method,
        path: originalUrl.split("?", 1)[0],
        address: ip?.slice(0, 100),
      }),
      res: outcomeOf,
      err: describeError,
    },
    autoLogging: { ignore: ({ originalUrl }) => isProbe(originalUrl) },
    customLogLevel: (_request, response) => (response.err ? "error" : levelOf(outcomeOf(response).status)),
    customSuccessObject: (request, _response, line) => ({ ...contextOf(request), ...line }),
    // pino-http makes up an error for every 5xx; a deliberate 503 has none.
    customErrorObject: (request, response, _error, { err, ...line }) => ({
      ...contextOf(request),
      ...line,
      ...(response.err && { err }),
    }),
  });
}

/** The status that nginx logs for a client that left before its answer: none was sent, and 200 would be untrue. */
const clientLeft = 499;

/**
 * The status as the client got it. A client that leaves before the whole answer is out got none, but for a stream of
 * events: it has no other end than that somebody leaves, so it keeps its status.
 */
function outcomeOf(response: Response): { status: number; aborted?: true } {
  if (response.writableFinished) return { status: response.statusCode };
  const isStream = response.headersSent && String(response.getHeader("Content-Type")).startsWith("text/event-stream");
  return { status: isStream ? response.statusCode : clientLeft, aborted: true };
}

/** Limits are there for the thousands who come at once. Metrics count them; written down, they would hold up everybody. */
function levelOf(status: number): "debug" | "info" | "warn" {
  if (status === 429) return "debug";
  return status >= 500 ? "warn" : "info";
}
