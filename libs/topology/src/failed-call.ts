import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";

/** The call to AWS that an error ended, so that its sentence can name the thing and the place. */
export interface FailedCall {
  readonly service: "DynamoDB" | "SNS" | "SQS" | "S3";
  /** Such as `Query`. */
  readonly operation: string;
  /** Name of the table, queue or topic; undefined where the call names none. */
  readonly resource: string | undefined;
  /** The endpoint's URL, or `AWS in us-east-1`. */
  readonly where: string;
}

const failedCalls = new WeakMap<object, FailedCall>();

/** The call of one of this package's clients that the error, or a cause of it, has ended. */
export function failedCall(error: unknown): FailedCall | undefined {
  for (let each = error, depth = 0; typeof each === "object" && each !== null && depth < 5; depth++) {
    const call = failedCalls.get(each);
    if (call !== undefined) return call;
    each = (each as { cause?: unknown }).cause;
  }
  return undefined;
}

/** Lets `failedCall` find the call of each error that the client throws. */
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
            const where = await placeOf(service, config).catch(() => "the endpoint");
            failedCalls.set(error, { service, operation, resource: resourceOf(args.input), where });
          }
          throw error;
        }
      },
    { step: "initialize", priority: "high", name: "noteFailedCalls" },
  );
}

type Config = Pick<DynamoDBClient["config"], "endpoint" | "region">;

/** Where the calls of a client go. @throws what the SDK throws when no region is set, or the endpoint is no URL. */
export async function placeOf(service: FailedCall["service"], { endpoint, region }: Config): Promise<string> {
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
