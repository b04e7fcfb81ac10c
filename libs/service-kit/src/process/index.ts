export { ConfigError, decimal, onOff, port, readConfig, serviceConfig, wholeNumber } from "./config.ts";
export { createLogger, describeError, type Logger } from "./logger.ts";
export { processMetrics, type Registry } from "./process-metrics.ts";
export { readSeldom } from "./read-seldom.ts";
export { contextOf, type RequestContext, requestContext, withRequestContext } from "./request-context.ts";
export { type Kit, type RunningService, runProcess } from "./run-process.ts";
