export {
  type Access,
  type Authentication,
  engineer,
  guest,
  type Identity,
  identityOf,
  ownOnly,
  type Reach,
  requireOwner,
  rolesOf,
  type TokenVerdict,
} from "./access/index.ts";
export { Api, type AppOptions, createApp, type ParsedRequest } from "./app/index.ts";
export { type Caller, callerAt, callerOf } from "./callers/index.ts";
export { goneSignal, type ServeOptions, type Serving, serve } from "./connections/index.ts";
export {
  type DescribedOperation,
  type DescribedResponse,
  type DocumentOptions,
  type JsonSchema,
  type OpenApiDocument,
  type Operation,
  type OperationAnswer,
  type OperationBody,
  openApiDocument,
} from "./document/index.ts";
export {
  cursorText,
  entityTag,
  type JsonBodyOptions,
  jsonBody,
  matchesEntityTag,
  type Preferences,
  placeIn,
  preferenceApplied,
  preferenceAppliedHeader,
  RequestSubject,
  type RequestSubjectOptions,
  readPreferences,
  refuseSpeculation,
  toCursor,
  unknownCursor,
  validate,
  type WaitPreference,
  type WaitPreferenceOptions,
  waitPreference,
} from "./input/index.ts";
export {
  type NoPlace,
  type Place,
  type Quota,
  type Rate,
  rateLimitHeaders,
  SharedPlaces,
  TokenBuckets,
  type WaitingPlaceRequest,
  WaitingPlaces,
} from "./limits/index.ts";
export { addProblemMembers, ProblemError, type ProblemOptions } from "./problems/index.ts";
export {
  ConfigError,
  createLogger,
  decimal,
  type Kit,
  type Logger,
  onOff,
  port,
  processMetrics,
  type Registry,
  type RequestContext,
  type RunningService,
  readConfig,
  requestContext,
  runProcess,
  serviceConfig,
  wholeNumber,
} from "./process/index.ts";
export { describedEvent, EventStream, type StreamEvent } from "./streams/index.ts";
