import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";

/** The place of a client's calls. */
export interface Endpoint {
  readonly service: "DynamoDB" | "SNS" | "SQS" | "S3" | "Lambda";
  /** The endpoint's URL, or `AWS in us-east-1`. */
  readonly where: string;
  /** Undefined when the client's region cannot be read. */
  readonly region: string | undefined;
}

/** The AWS call that failed with an error. An error message names its resource and its endpoint. */
export interface FailedCall extends Endpoint {
  /** Name of the operation, such as `Query`. */
  readonly operation: string;
  /** Name of the table, queue or topic; undefined where the call names none. */
  readonly resource: string | undefined;
}

const failedCalls = new WeakMap<object, FailedCall>();

/** Returns the call that failed with this error or with one of its causes. Knows the calls of this package's clients only. */
export function failedCall(error: unknown): FailedCall | undefined {
  for (let each = error, depth = 0; typeof each === "object" && each !== null && depth < 5; depth++) {
    const call = failedCalls.get(each);
    if (call !== undefined) return call;
    each = (each as { cause?: unknown }).cause;
  }
  return undefined;
}

/** Records the call of each error that the client throws, for `failedCall` to find. */
export function noteFailedCalls(service: Endpoint["service"], client: object): void {
  const { middlewareStack, config } = client as Pick<DynamoDBClient, "middlewareStack" | "config">;
  middlewareStack.add(
    (next, { commandName = "" }) =>
      async (args) => {
        try {
          return await next(args);
        } catch (error) {
          if (typeof error === "object" && error !== null) {
            const operation = commandName.replace(/Command$/, "");
            const unknown = { service, where: "the endpoint", region: undefined };
            const endpoint = await endpointOf(service, config).catch(() => unknown);
            failedCalls.set(error, { ...endpoint, operation, resource: resourceOf(args.input) });
          }
          throw error;
        }
      },
    { step: "initialize", priority: "high", name: "noteFailedCalls" },
  );
}

type Config = Pick<DynamoDBClient["config"], "endpoint" | "region">;

/**
 * Returns the endpoint of a client's calls.
 *
 * @throws the SDK's own error when no region is set or the endpoint is no URL
 */
export async function endpointOf(service: Endpoint["service"], config: Config): Promise<Endpoint> {
  const region = await config.region();
  const explicit = await config.endpoint?.();
  if (explicit) {
    const { protocol, hostname, port } = explicit;
    return { service, region, where: `${protocol}//${hostname}${port === undefined ? "" : `:${port}`}` };
  }
  const { AWS_ENDPOINT_URL: all, [endpointVariable(service)]: own } = process.env;
  return { service, region, where: own || all || `AWS in ${region}` };
}

/** The variable that decides about the endpoint: the service's own, unless only the one for all services is set. */
export function endpointVariable(service: Endpoint["service"]): string {
  const own = `AWS_ENDPOINT_URL_${service.toUpperCase()}`;
  return process.env.AWS_ENDPOINT_URL && !process.env[own] ? "AWS_ENDPOINT_URL" : own;
}

interface Named {
  readonly TableName?: string;
  readonly RequestItems?: object;
  readonly TransactItems?: readonly { readonly [operation: string]: { readonly TableName?: string } }[];
  readonly QueueName?: string;
  readonly QueueUrl?: string;
  readonly TopicArn?: string;
  readonly Bucket?: string;
  readonly FunctionName?: string;
}

function resourceOf(input: object): string | undefined {
  const { TableName, RequestItems = {}, TransactItems = [], QueueName, QueueUrl, TopicArn, ...other }: Named = input;
  const written = TransactItems.flatMap((item) => Object.values(item).map((write) => write.TableName));
  const tables = [...new Set([TableName, ...Object.keys(RequestItems), ...written].filter(Boolean))];
  if (tables.length > 0) return tables.join(", ");
  return QueueName ?? QueueUrl?.split("/").at(-1) ?? TopicArn?.split(":").at(-1) ?? other.Bucket ?? other.FunctionName;
}
