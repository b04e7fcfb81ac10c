import { type DestinationStream, type Logger, pino } from "pino";
import { requestContext } from "./request-context.ts";

export type { Logger };

/**
 * One JSON object a line on stdout. Lines logged while serving a request carry its ids. Each is written before the call
 * returns: pino's default leaves it to a thread, and the last line before an exit, which matters most, is lost.
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
    mixin: () => ({ ...requestContext() }),
    serializers: { err: describeError },
  };
  return pino(options, destination);
}

/** An error's other properties stay out of the log: a body that did not parse is one of them. */
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
