import { ResourceNotFoundException } from "@aws-sdk/client-dynamodb";

/**
 * Tells what failed because AWS cannot be reached, is overloaded, or is not set up, from what failed because of the
 * input. An outage says nothing about a message or a commit: pause and try again, and hold it against nobody.
 *
 * Only what an AWS SDK client threw counts, also as the cause of another error. A connection that somebody else refused
 * looks the same, and is the trouble of the one message whose handler asked them.
 */
export function isOutage(error: unknown): boolean {
  const thrown = thrownBySdk(error);
  const isEnvironment = names(thrown).some((name) => environment.has(name));
  return isAmbiguous(thrown) || isThrottling(thrown) || isEnvironment || isMissingTable(thrown);
}

/**
 * Of a call to AWS: it may have taken effect although it failed, for no answer arrived, the service failed while
 * answering, or the answer cannot be read.
 */
export function isAmbiguous(error: unknown): boolean {
  return statusOf(error) >= 500 || isUnreadable(error) || names(error).some((name) => unanswered.has(name));
}

/**
 * Whether an answer came that the SDK could not read: HTML of a captive portal, half a document. The SDK gives `$fault`
 * to the errors that a service reports, and `$response` to all that it made of an answer.
 */
function isUnreadable(error: unknown): boolean {
  return typeof error === "object" && error !== null && "$response" in error && !("$fault" in error);
}

/** Of a call to AWS: it was turned away before it took effect; asking again later, and not all at once, is the answer. */
export function isThrottling(error: unknown): boolean {
  return names(error).some((name) => throttling.has(name));
}

const unanswered = new Set([
  "TimeoutError",
  "RequestTimeout",
  "RequestTimeoutException",
  "NetworkingError",
  "ECONNREFUSED",
  "ECONNRESET",
  "ECONNABORTED",
  "EPIPE",
  "ETIMEDOUT",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENOTFOUND",
  "EAI_AGAIN",
  "InternalServerError",
  "InternalFailure",
  "ServiceUnavailable",
  "ServiceUnavailableException",
  "TransactionInProgressException",
  // An answer without an error code, of any status: a proxy or a balancer gave it.
  "Unknown",
  "UnknownError",
  // Of this shop's own clients: an answer that AWS did not give.
  "UnreadableAnswerError",
]);

const throttling = new Set([
  "ThrottlingException",
  "Throttling",
  "ThrottledException",
  "ThrottlingError",
  "TooManyRequestsException",
  "RequestLimitExceeded",
  "RequestThrottled",
  "ProvisionedThroughputExceededException",
  "ProvisionedThroughputExceeded",
  "LimitExceededException",
  "OverLimit",
  "SlowDown",
]);

/** Not S3's or SNS's "not found": what a handler looks for may be missing because of what its message says. */
const environment = new Set([
  "AccessDenied",
  "AccessDeniedException",
  "AuthorizationError",
  "AuthorizationErrorException",
  "CredentialsProviderError",
  "ExpiredToken",
  "ExpiredTokenException",
  "InvalidAccessKeyId",
  "InvalidClientTokenId",
  "RequestTimeTooSkewed",
  "SignatureDoesNotMatch",
  "InvalidSignatureException",
  "UnrecognizedClientException",
  "NoSuchBucket",
  "QueueDoesNotExist",
  "AWS.SimpleQueueService.NonExistentQueue",
  "KMSAccessDeniedException",
  "KMSDisabledException",
  "KMSInvalidStateException",
  "KMSNotFoundException",
  "KMSThrottlingException",
  "KmsAccessDenied",
  "KmsDisabled",
  "KmsInvalidState",
  "KmsNotFound",
  "KmsThrottled",
]);

/**
 * DynamoDB says so of tables alone; other services do of what they are asked for: a secret, a function, a stream. There may
 * be another copy of its client, whose errors are of another class: it keeps what DynamoDB calls them.
 */
function isMissingTable(error: unknown): boolean {
  if (error instanceof ResourceNotFoundException) return true;
  const { name, __type: type }: Clues = error ?? {};
  return name === "ResourceNotFoundException" && String(type).startsWith("com.amazonaws.dynamodb");
}

interface Clues {
  readonly name?: unknown;
  readonly code?: unknown;
  /** Of a cancelled transaction: what each of its writes met. */
  readonly CancellationReasons?: readonly { readonly Code?: unknown }[];
  /** What a service of JSON protocol calls the error. */
  readonly __type?: unknown;
  readonly cause?: unknown;
  readonly $metadata?: { readonly httpStatusCode?: number };
}

/**
 * The error, or that among its causes, which bears the SDK's mark: it gives `$metadata` to all that ends a call, be it an
 * answer or a broken connection. What keeps a call from being made at all has none, but a name that is the SDK's own.
 */
function thrownBySdk(error: unknown, depth = 0): unknown {
  if (typeof error !== "object" || error === null || depth > deepest) return undefined;
  const { name, cause, $metadata }: Clues = error;
  return $metadata !== undefined || name === "CredentialsProviderError" ? error : thrownBySdk(cause, depth + 1);
}

const deepest = 4;

/** The names an error goes by, its causes' included: the SDK wraps what the socket said. */
function names(error: unknown, depth = 0): string[] {
  if (typeof error !== "object" || error === null || depth > deepest) return [];
  const { name, code, cause, CancellationReasons = [] }: Clues = error;
  const clues = [name, code, ...CancellationReasons.map(({ Code }) => Code)];
  const own = clues.filter((clue) => typeof clue === "string");
  return [...own, ...names(cause, depth + 1)];
}

function statusOf(error: unknown): number {
  if (typeof error !== "object" || error === null) return 0;
  return (error as Clues).$metadata?.httpStatusCode ?? 0;
}
