/**
 * Tells what failed because AWS cannot be reached, is overloaded, or is not set up, from what failed because of the
 * input. An outage says nothing about a message or a commit: pause and try again, and hold it against nobody.
 */
export function isOutage(error: unknown): boolean {
  return isAmbiguous(error) || isThrottling(error) || names(error).some((name) => environment.has(name));
}

/** The call may have taken effect although it failed: no answer arrived, or the service failed while answering. */
export function isAmbiguous(error: unknown): boolean {
  return statusOf(error) >= 500 || names(error).some((name) => unanswered.has(name));
}

/** The call was turned away before it took effect; asking again later, and not all at once, is the answer. */
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
  "ResourceNotFoundException",
  "NotFound",
  "NotFoundException",
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

interface Clues {
  readonly name?: unknown;
  readonly code?: unknown;
  readonly cause?: unknown;
  readonly $metadata?: { readonly httpStatusCode?: number };
}

/** The names an error goes by, its causes' included: the SDK wraps what the socket said. */
function names(error: unknown, depth = 0): string[] {
  if (typeof error !== "object" || error === null || depth > 4) return [];
  const { name, code, cause }: Clues = error;
  const own = [name, code].filter((clue) => typeof clue === "string");
  return [...own, ...names(cause, depth + 1)];
}

function statusOf(error: unknown): number {
  if (typeof error !== "object" || error === null) return 0;
  return (error as Clues).$metadata?.httpStatusCode ?? 0;
}
