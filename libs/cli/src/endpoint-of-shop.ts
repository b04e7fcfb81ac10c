import { OperatorError, type Shop } from "@doubleshot/operations";
import { endpointOf } from "@doubleshot/topology";

/**
 * Returns the endpoint of the shop's tables, for a message: `http://127.0.0.1:4566 in region us-east-1`.
 *
 * @throws OperatorError on AWS itself, where resources that a command makes would be in the way of the CDK's
 */
export async function endpointOfShop({ clients }: Shop): Promise<string> {
  const { where, region } = await endpointOf("DynamoDB", clients.dynamodb.config);
  if (!where.startsWith("AWS in ")) return `${where} in region ${region}`;
  throw new OperatorError(
    `The endpoint is ${where}, where the CDK app in infra makes the resources: set AWS_ENDPOINT_URL to a LocalStack-compatible endpoint.`,
  );
}

/** @throws OperatorError when the environment names no Lambda API; the embedded AWS has none */
export function requireLambda({ AWS_ENDPOINT_URL: all, AWS_ENDPOINT_URL_LAMBDA: own }: NodeJS.ProcessEnv): void {
  if (own || all) return;
  throw new OperatorError(
    "AWS_ENDPOINT_URL is not set: set it to a LocalStack-compatible endpoint (npm start runs the relay without a deployment).",
  );
}
