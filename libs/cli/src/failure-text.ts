/** What went wrong, in one sentence that says what to do; a stack only for what nobody could foresee. */
export function failureText(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if ("exitSentence" in error || error.name === "NotProvisioned") return error.message;
  const code = "code" in error ? String(error.code) : "";
  if (error.name === "TimeoutError" || /^(ECONN|ENOTFOUND|EAI_|ETIMEDOUT|EHOST|ENET|EPIPE)/.test(code)) {
    return `AWS does not answer (${code || error.name}): open the shop with npm start, or correct AWS_ENDPOINT_URL_DYNAMODB, AWS_ENDPOINT_URL_SNS and AWS_ENDPOINT_URL_SQS.`;
  }
  if (error.name === "ResourceNotFoundException") {
    return `A table of the shop is not there (${error.message}): correct SHOP or TOPOLOGY, or provision the topology.`;
  }
  if (error.message === "Region is missing") {
    return "AWS_REGION is not set: set it to the region that has the shop (us-east-1 on the embedded AWS).";
  }
  if (
    /CredentialsProviderError|AccessDenied|UnrecognizedClient|InvalidSignature|InvalidClientTokenId|ExpiredToken/.test(
      error.name,
    )
  ) {
    return `AWS refuses (${error.name}: ${error.message}): correct the credentials, or their rights.`;
  }
  if (code === "ERR_INVALID_URL")
    return "An AWS_ENDPOINT_URL variable is no URL: set it to one, such as http://127.0.0.1:9710.";
  return error.stack ?? error.message;
}
