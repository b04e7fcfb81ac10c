export { tokenNames } from "./authentication/index.ts";
export { classBinder } from "./bind-class.ts";
export { carryCorrelation } from "./carry-correlation.ts";
export { type CheckOptions, checkResources, type SubscriberQueues } from "./check-resources.ts";
export { type ConsumeOptions, consume } from "./consume.ts";
export { host, token } from "./host-tokens.ts";
export type { HostedService } from "./hosted-service.ts";
export { outageAsProblem } from "./outage-problem.ts";
export { runService } from "./run-service.ts";
export { serviceApp } from "./service-app.ts";
export { hostConfig, readServiceConfig, type ServiceConfig } from "./service-config.ts";
export { type ServiceSetting, serviceContainer } from "./service-container.ts";
export {
  type BindingInput,
  defineService,
  type Get,
  type ServiceDefinition,
  type ServiceHooks,
  type ServiceHttp,
} from "./service-definition.ts";
export { type StartOptions, startService } from "./start-service.ts";
