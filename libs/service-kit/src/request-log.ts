import type { Request, RequestHandler, Response } from "express";
import { pinoHttp } from "pino-http";
import { describeError, type Logger } from "./logger.ts";
import { contextOf } from "./request-context.ts";

/** Asked every few seconds by whoever watches the process: they would be all there is to see in the log. */
const unloggedPaths = new Set(["/livez", "/readyz", "/metrics"]);

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
      res: ({ statusCode }: Response) => ({ status: statusCode }),
      err: describeError,
    },
    autoLogging: { ignore: ({ path }) => unloggedPaths.has(path) },
    customLogLevel: (_request, response) => (response.err ? "error" : levelOf(response.statusCode)),
    customSuccessObject: (request, _response, line) => ({ ...contextOf(request), ...line }),
    // pino-http makes up an error for every 5xx; a deliberate 503 has none.
    customErrorObject: (request, response, _error, { err, ...line }) => ({
      ...contextOf(request),
      ...line,
      ...(response.err && { err }),
    }),
  });
}

/** Limits are there for the thousands who come at once. Metrics count them; written down, they would hold up everybody. */
function levelOf(status: number): "debug" | "info" | "warn" {
  if (status === 429) return "debug";
  return status >= 500 ? "warn" : "info";
}
