import { LambdaClient } from "@aws-sdk/client-lambda";
import { NodeHttpHandler } from "@smithy/node-http-handler";
import { noteFailedCalls } from "../clients/failed-call.ts";

/** A cold endpoint loads its Lambda at the first call, and an upload of code takes seconds. */
const requestTimeoutMs = 60_000;

/**
 * Creates the client of the Lambda API that the environment names (`AWS_ENDPOINT_URL_LAMBDA` or `AWS_ENDPOINT_URL`). It is
 * not one of the clients that every process has, because only a deployment needs it. The caller destroys it.
 */
export function createLambdaClient(): LambdaClient {
  const requestHandler = new NodeHttpHandler({
    connectionTimeout: 2_000,
    requestTimeout: requestTimeoutMs,
    throwOnRequestTimeout: true,
    socketTimeout: requestTimeoutMs,
  });
  const client = new LambdaClient({ requestHandler });
  noteFailedCalls("Lambda", client);
  return client;
}
