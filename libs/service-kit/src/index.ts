export { Api, type Asked } from "./api.ts";
export { type Caller, callerAt, callerOf } from "./caller.ts";
export { ConfigError, decimal, onOff, port, readConfig, serviceConfig, wholeNumber } from "./config.ts";
export { type AppOptions, createApp } from "./create-app.ts";
export { describedEvent } from "./described-event.ts";
export { EventStream, type EventStreamOptions, type StreamEvent } from "./event-stream.ts";
export { goneSignal } from "./gone-signal.ts";
export { type JsonBodyOptions, jsonBody } from "./json-body.ts";
export { createLogger, type Logger } from "./logger.ts";
export {
  type DescribedOperation,
  type DescribedResponse,
  type DocumentOptions,
  type JsonSchema,
  type OpenApiDocument,
  openApiDocument,
} from "./open-api-document.ts";
export type { Operation, OperationAnswer, OperationBody } from "./operation.ts";
export { type Preferences, readPreferences } from "./prefer.ts";
export { Problem, type ProblemOptions } from "./problem.ts";
export { addProblemMembers } from "./problem-members.ts";
export { processMetrics, type Registry } from "./process-metrics.ts";
export { type RequestContext, requestContext } from "./request-context.ts";
export { type Kit, type RunningService, runService } from "./run-service.ts";
export { type ServeOptions, type Serving, serve } from "./serve.ts";
export { type Place, SharedPlaces } from "./shared-places.ts";
export { refuseSpeculation } from "./speculative.ts";
export { validated } from "./validated.ts";
