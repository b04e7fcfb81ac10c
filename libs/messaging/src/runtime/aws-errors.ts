import { ResourceNotFoundException } from "@aws-sdk/client-dynamodb";

/**
 * Whether a call failed because AWS is unreachable, overloaded or not set up, and not because of its input. An outage has
 * nothing to do with the message or commit at hand: pause and try again, and count no attempt.
 *
 * Only errors of an AWS SDK client count, also as the cause of another error. A handler's own call to another service fails
 * with the same codes; that failure concerns its message only.
 */
export function isOutage(error: unknown): boolean {
  const thrown = thrownBySdk(error);
  const isEnvironment = names(thrown).some((name) => environment.has(name));
  return isAmbiguous(thrown) || isThrottling(thrown) || isEnvironment || isMissingTable(thrown);
}

/**
 * Whether a failed call to AWS may have taken effect: no answer arrived, the service failed while answering, or the answer is
 * unreadable.
 */
export function isAmbiguous(error: unknown): boolean {
  return statusOf(error) >= 500 || isUnreadable(error) || names(error).some((name) => unanswered.has(name));
}

/**
 * Whether the SDK could not read the answer: a captive portal's HTML, or half a document. The SDK sets `$response` on every
 * error that it made of an answer, and `$fault` on those that a service reports.
 */
function isUnreadable(error: unknown): boolean {
  return typeof error === "object" && error !== null && "$response" in error && !("$fault" in error);
}

/** Whether AWS rejected a call before it took effect, because of too many calls. Retry later, with jitter. */
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
  // An answer without an error code, of any status: a proxy or a load balancer sent it.
  "Unknown",
  "UnknownError",
  // `requireMember`, and the shop's own clients, throw it for an answer that AWS did not send.
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

/** S3's and SNS's "not found" are not among them: the message may name an object that does not exist. */
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
 * DynamoDB reports `ResourceNotFoundException` for tables only; other services report it for a secret, a function or a stream
 * that a message may name. The process may have another copy of DynamoDB's client, with error classes of its own; `__type`
 * identifies these.
 */
function isMissingTable(error: unknown): boolean {
  if (error instanceof ResourceNotFoundException) return true;
  const { name, __type: type }: Clues = error ?? {};
  return name === "ResourceNotFoundException" && String(type).startsWith("com.amazonaws.dynamodb");
}

interface Clues {
  readonly name?: unknown;
  readonly code?: unknown;
  /** Of a cancelled transaction, an entry for each write. */
  readonly CancellationReasons?: readonly { readonly Code?: unknown }[];
  /** The error's name in a JSON protocol. */
  readonly __type?: unknown;
  readonly cause?: unknown;
  readonly $metadata?: { readonly httpStatusCode?: number };
}

/**
 * The error, or the one among its causes, that an SDK client threw. The SDK sets `$metadata` on every error that ends a call,
 * also on a broken connection's. An error before the call, such as missing credentials, has a name of the SDK's instead.
 */
function thrownBySdk(error: unknown, depth = 0): unknown {
  if (typeof error !== "object" || error === null || depth > maxDepth) return undefined;
  const { name, cause, $metadata }: Clues = error;
  return $metadata !== undefined || name === "CredentialsProviderError" ? error : thrownBySdk(cause, depth + 1);
}

const maxDepth = 4;

/** Names and codes of an error and its causes: the SDK wraps the socket's error. */
function names(error: unknown, depth = 0): string[] {
  if (typeof error !== "object" || error === null || depth > maxDepth) return [];
  const { name, code, cause, CancellationReasons = [] }: Clues = error;
  const clues = [name, code, ...CancellationReasons.map(({ Code }) => Code)];
  const own = clues.filter((clue) => typeof clue === "string");
  return [...own, ...names(cause, depth + 1)];
}

function statusOf(error: unknown): number {
  if (typeof error !== "object" || error === null) return 0;
  return (error as Clues).$metadata?.httpStatusCode ?? 0;
}
