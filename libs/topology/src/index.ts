export { refuseForeignAnswers, UnreadableAnswerError } from "./aws-answers.ts";
export { type AwsClientOptions, type AwsClients, createAwsClients, type Endpoints } from "./aws-clients.ts";
export { doubleshot } from "./doubleshot.ts";
export { NotProvisioned, queueUrl, topicArn } from "./lookups.ts";
export { physicalName } from "./physical-name.ts";
export { PreflightError, type PreflightOptions, preflight } from "./preflight.ts";
export { type Attach, type MappingTarget, type ProvisionOptions, provision } from "./provision.ts";
export { ProvisionError, type ProvisionedPart, type ProvisionReport } from "./provision-report.ts";
export type * from "./topology.ts";
