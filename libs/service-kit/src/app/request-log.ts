import type { Request, RequestHandler, Response } from "express";
import { pinoHttp } from "pino-http";
import { identityOf } from "../access/index.ts";
import { isProbe } from "../connections/index.ts";
import { contextOf, describeError, type Logger } from "../process/index.ts";

/**
 * Logs a line for each request when its response is sent or its caller has gone, with the subject of its token, and without
 * headers, query and bodies.
 */
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
      res: statusFor,
      err: describeError,
    },
    autoLogging: { ignore: ({ originalUrl }) => isProbe(originalUrl) },
    customLogLevel: (_request, response) => (response.err ? "error" : levelOf(statusFor(response).status)),
    customSuccessObject: (request, _response, line) => ({ ...idsOf(request), ...line }),
    // pino-http invents an error for every 5xx; a deliberate 503 has none.
    customErrorObject: (request, response, _error, { err, ...line }) => ({
      ...idsOf(request),
      ...line,
      ...(response.err && { err }),
    }),
  });
}

/** The subject is known only when the route's guard has read the token, so it is not among the parts of `req`. */
function idsOf(request: Request): object {
  const { subject } = identityOf(request);
  return { ...contextOf(request), ...(subject !== undefined && { subject }) };
}

/** The status that nginx logs for a client that left before its response: no status was sent, so 200 would be wrong. */
const clientLeft = 499;

/**
 * Returns the status that the client received: none if it left before the whole response was sent. An event stream keeps
 * its status, because it usually ends when its client leaves.
 */
export function statusFor(response: Response): { status: number; aborted?: true } {
  if (response.writableFinished) return { status: response.statusCode };
  const isStream = response.headersSent && String(response.getHeader("Content-Type")).startsWith("text/event-stream");
  return { status: isStream ? response.statusCode : clientLeft, aborted: true };
}

/** A limit refuses thousands of requests at once. Metrics count them; log lines would slow down every other request. */
function levelOf(status: number): "debug" | "info" | "warn" {
  if (status === 429) return "debug";
  return status >= 500 ? "warn" : "info";
}
