import type { Attributes } from "@opentelemetry/api";

/** The function's attributes of OpenTelemetry's resource, from the variables that Lambda sets. */
export function functionAttributes(env: Readonly<Record<string, string | undefined>>): Attributes {
  if (env.AWS_LAMBDA_FUNCTION_NAME === undefined) return {};
  return {
    "cloud.provider": "aws",
    "cloud.platform": "aws_lambda",
    "cloud.region": env.AWS_REGION,
    "faas.name": env.AWS_LAMBDA_FUNCTION_NAME,
    "faas.version": env.AWS_LAMBDA_FUNCTION_VERSION,
  };
}
