import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";

/** The AWS call that failed with an error. An error message names its resource and its endpoint. */
export interface FailedCall {
  readonly service: "DynamoDB" | "SNS" | "SQS" | "S3";
  /** Name of the operation, such as `Query`. */
  readonly operation: string;
  /** Name of the table, queue or topic; undefined where the call names none. */
  readonly resource: string | undefined;
  /** The endpoint's URL, or `AWS in us-east-1`. */
  readonly where: string;
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
export function noteFailedCalls(service: FailedCall["service"], client: object): void {
  const { middlewareStack, config } = client as Pick<DynamoDBClient, "middlewareStack" | "config">;
  middlewareStack.add(
    (next, { commandName = "" }) =>
      async (args) => {
        try {
          return await next(args);
        } catch (error) {
          if (typeof error === "object" && error !== null) {
            const operation = commandName.replace(/Command$/, "");
            const where = await endpointOf(service, config).catch(() => "the endpoint");
            failedCalls.set(error, { service, operation, resource: resourceOf(args.input), where });
          }
          throw error;
        }
      },
    { step: "initialize", priority: "high", name: "noteFailedCalls" },
  );
}

type Config = Pick<DynamoDBClient["config"], "endpoint" | "region">;

/**
 * Returns the endpoint of a client's calls: a URL, or `AWS in us-east-1`.
 *
 * @throws the SDK's own error when no region is set or the endpoint is no URL
 */
export async function endpointOf(service: FailedCall["service"], { endpoint, region }: Config): Promise<string> {
  const explicit = await endpoint?.();
  if (explicit) {
    const { protocol, hostname, port } = explicit;
    return `${protocol}//${hostname}${port === undefined ? "" : `:${port}`}`;
  }
  const { AWS_ENDPOINT_URL: all, [endpointVariable(service)]: own } = process.env;
  return own || all || `AWS in ${await region()}`;
}

export function endpointVariable(service: FailedCall["service"]): string {
  return `AWS_ENDPOINT_URL_${service.toUpperCase()}`;
}

interface Named {
  readonly TableName?: string;
  readonly RequestItems?: object;
  readonly TransactItems?: readonly { readonly [operation: string]: { readonly TableName?: string } }[];
  readonly QueueName?: string;
  readonly QueueUrl?: string;
  readonly TopicArn?: string;
  readonly Bucket?: string;
}

function resourceOf(input: object): string | undefined {
  const { TableName, RequestItems = {}, TransactItems = [], QueueName, QueueUrl, TopicArn, Bucket }: Named = input;
  const written = TransactItems.flatMap((item) => Object.values(item).map((write) => write.TableName));
  const tables = [...new Set([TableName, ...Object.keys(RequestItems), ...written].filter(Boolean))];
  if (tables.length > 0) return tables.join(", ");
  return QueueName ?? QueueUrl?.split("/").at(-1) ?? TopicArn?.split(":").at(-1) ?? Bucket;
}
