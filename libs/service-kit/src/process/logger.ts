import { type DestinationStream, type Logger, pino } from "pino";
import { requestContext } from "./request-context.ts";
import { traceIds } from "./trace-ids.ts";

export type { Logger };

/**
 * Logs one JSON object a line to stdout. Lines logged while the process serves a request carry the request's ids, and
 * lines logged inside a span the ids of the span. Each
 * line is written before the call returns: with pino's default, a thread writes it, and the last line before an exit,
 * which matters most, would be lost.
 */
export function createLogger(
  name: string,
  level: string,
  destination: DestinationStream = pino.destination({ dest: 1, sync: true }),
): Logger {
  const options = {
    name,
    level,
    base: { pid: process.pid },
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    formatters: { level: (label: string) => ({ level: label }) },
    mixin: () => ({ ...requestContext(), ...traceIds() }),
    serializers: { err: describeError },
  };
  return pino(options, destination);
}

/** Omits an error's other properties: a body that did not parse may be one of them. */
export function describeError(error: unknown): object {
  if (!(error instanceof Error)) return { message: String(error) };
  return {
    type: error.name,
    message: error.message,
    stack: error.stack,
    ...("code" in error && { code: error.code }),
    ...(error.cause !== undefined && { cause: describeError(error.cause) }),
  };
}
