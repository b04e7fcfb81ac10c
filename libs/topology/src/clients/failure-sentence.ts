import { type Endpoint, endpointVariable, type FailedCall, failedCall } from "./failed-call.ts";

/**
 * Describes a failed AWS call in one sentence: the resource, the endpoint and the remedy. Returns undefined for an error
 * that no AWS call caused.
 */
export function failureSentence(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const setting = settingSentence(error);
  if (setting !== undefined) return setting;
  const call = failedCall(error);
  return call === undefined ? undefined : callSentence(error, call);
}

/** The SDK's own message for a missing or malformed setting does not name the variable to set. */
function settingSentence(error: Error): string | undefined {
  const [, malformed] = /^Region not accepted: region="(.*)" is not/.exec(error.message) ?? [];
  if (malformed !== undefined || error.message === "Region is missing") {
    const fault = malformed === undefined ? "not set" : `${JSON.stringify(malformed)}, which is no region`;
    return `AWS_REGION is ${fault}: set it to the region that has the shop (us-east-1 on the embedded AWS).`;
  }
  if (error.name === "CredentialsProviderError") {
    return "There are no AWS credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE.";
  }
  return undefined;
}

const kinds = { DynamoDB: "Table", SQS: "Queue", SNS: "Topic", S3: "Bucket", Lambda: "Function" } as const;
const missing = /^(ResourceNotFoundException|QueueDoesNotExist|.*NonExistentQueue|NotFoundException|NoSuchBucket)$/;
const refused =
  /AccessDenied|UnrecognizedClient|InvalidSignature|SignatureDoesNotMatch|InvalidClientTokenId|InvalidAccessKeyId|ExpiredToken|Authorization/;
const unanswered = /^(TimeoutError|ECONN|ENOTFOUND|EAI_|ETIMEDOUT|EHOST|ENET|EPIPE)/;

function callSentence(error: Error, call: FailedCall): string {
  const { service, operation, resource, where } = call;
  const variable = endpointVariable(service);
  const code = "code" in error ? String(error.code) : "";
  if (code === "ERR_INVALID_URL") {
    const value = process.env[variable] || process.env.AWS_ENDPOINT_URL;
    return `${variable} is ${JSON.stringify(value)}, which is no URL: set it to one, such as http://127.0.0.1:8000.`;
  }
  if (missing.test(error.name)) {
    const named = resource === undefined ? `A ${kinds[service].toLowerCase()}` : `${kinds[service]} ${resource}`;
    return missingSentence(named, call);
  }
  if (refused.test(error.name)) {
    return `${service} at ${where} refuses ${operation} (${error.name}): correct the AWS credentials or their rights.`;
  }
  if (unanswered.test(error.name) || unanswered.test(code)) {
    const embedded = service === "Lambda" ? "" : " (npm start has an embedded one)";
    return `${service} does not answer at ${where}: start it${embedded} or correct ${variable}.`;
  }
  const reason = error.name === "UnreadableAnswerError" ? error.message : `${error.name}: ${firstLine(error.message)}`;
  return `${service} at ${where} fails at ${operation}${resource === undefined ? "" : ` of ${resource}`} (${reason}): try again, or correct ${variable}.`;
}

const firstLine = (text: string): string => text.split("\n", 1)[0] ?? "";

/**
 * The sentence for a missing resource. It names the region first, because a wrong region hides a complete shop, on an emulator
 * too, and provisioning there would make a second one.
 */
export function missingSentence(named: string, { service, where, region }: Endpoint): string {
  if (where.startsWith("AWS in ")) return `${named} is not at ${where}: correct AWS_REGION, SHOP or TOPOLOGY.`;
  const place = region === undefined ? where : `${where} in region ${region}`;
  const settings = `AWS_REGION, SHOP, TOPOLOGY or ${endpointVariable(service)}`;
  return `${named} is not at ${place}: correct ${settings}, or if they are right, provision it (npm run provision).`;
}
