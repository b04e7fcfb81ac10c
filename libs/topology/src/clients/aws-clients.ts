import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBStreamsClient } from "@aws-sdk/client-dynamodb-streams";
import { S3Client } from "@aws-sdk/client-s3";
import { SNSClient } from "@aws-sdk/client-sns";
import { SQSClient } from "@aws-sdk/client-sqs";
import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { NodeHttpHandler } from "@smithy/node-http-handler";
import { refuseForeignAnswers } from "./aws-answers.ts";
import { noteFailedCalls } from "./failed-call.ts";

/** The AWS clients of one process. The code that creates them also destroys them. */
export interface AwsClients {
  readonly dynamodb: DynamoDBClient;
  /** `dynamodb` with plain JavaScript values; properties that are `undefined` are left out. */
  readonly documents: DynamoDBDocumentClient;
  readonly streams: DynamoDBStreamsClient;
  readonly sns: SNSClient;
  /** For every call that SQS answers at once. */
  readonly sqs: SQSClient;
  /** For `ReceiveMessage` with `WaitTimeSeconds` up to SQS's limit of 20. */
  readonly longPolls: SQSClient;
  readonly s3: S3Client;
  /** Closes the sockets. Calls in flight fail. */
  destroy(): void;
}

/** URLs of the services, instead of those in the environment: for tests and for programs that start the endpoints. */
export interface Endpoints {
  readonly dynamodb: string;
  readonly sns: string;
  readonly sqs: string;
  readonly s3?: string;
}

export interface AwsClientOptions {
  /** Concurrent sockets of one client to one endpoint. Default 256. */
  readonly maxSockets?: number;
  /** Explicit endpoints are never AWS, so they come with test credentials and `us-east-1`. */
  readonly endpoints?: Endpoints;
  /** Time limit of one attempt of a call; the SDK makes up to four. Default 5,000. */
  readonly requestTimeoutMs?: number;
  /** Ends every call that is under way, and each that begins later. */
  readonly signal?: AbortSignal | undefined;
}

/** The longest an SQS long poll waits: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ReceiveMessage.html */
const maxPollMs = 20_000;

/**
 * Creates the AWS clients; no other function does. Region, credentials and `AWS_ENDPOINT_URL_*` come from the environment,
 * as the SDK reads them, unless `endpoints` are given.
 *
 * Every call has a time limit, because the SDK's defaults wait for ever on a peer that accepts a connection and never
 * answers.
 */
export function createAwsClients(options: AwsClientOptions = {}): AwsClients {
  // A call's time limit includes its wait for a socket, so the SDK's default of 50 would turn a rush into timeouts.
  const { maxSockets = 256, endpoints, requestTimeoutMs = 5_000, signal } = options;
  const requestHandler = (timeoutMs: number) =>
    new AbortableHandler(signal, {
      connectionTimeout: Math.min(timeoutMs, 2_000),
      // Covers the time up to the response's headers. Without throwOnRequestTimeout the SDK only logs a warning.
      requestTimeout: timeoutMs,
      throwOnRequestTimeout: true,
      // Covers a body that stops half way, which requestTimeout does not.
      socketTimeout: timeoutMs,
      httpAgent: { maxSockets },
      httpsAgent: { maxSockets },
    });
  const config = (service: keyof Endpoints, timeoutMs = requestTimeoutMs) => ({
    ...(endpoints && testAccess(endpoints[service])),
    requestHandler: requestHandler(timeoutMs),
  });
  // The SDK otherwise connects to the host in the queue's URL. An emulator makes that host up, and DNS cannot resolve it.
  const sqsConfig = (timeoutMs?: number) => ({ ...config("sqs", timeoutMs), useQueueUrlAsEndpoint: false });

  const dynamodb = new DynamoDBClient(config("dynamodb"));
  const documents = DynamoDBDocumentClient.from(dynamodb, { marshallOptions: { removeUndefinedValues: true } });
  const streams = new DynamoDBStreamsClient(config("dynamodb"));
  const sns = new SNSClient(config("sns"));
  const sqs = new SQSClient(sqsConfig());
  const longPolls = new SQSClient(sqsConfig(maxPollMs + requestTimeoutMs));
  // An emulator has one host name; AWS has one for each bucket.
  const emulated = endpoints !== undefined || namesS3Endpoint(process.env);
  const s3 = new S3Client({ ...config("s3"), forcePathStyle: emulated });

  const all = [dynamodb, streams, sns, sqs, longPolls, s3];
  for (const client of all) refuseForeignAnswers(client);
  const services = { DynamoDB: [dynamodb, streams], SNS: [sns], SQS: [sqs, longPolls], S3: [s3] } as const;
  for (const [service, clients] of Object.entries(services)) {
    for (const client of clients) noteFailedCalls(service as keyof typeof services, client);
  }

  return {
    dynamodb,
    documents,
    streams,
    sns,
    sqs,
    longPolls,
    s3,
    destroy() {
      for (const client of all) client.destroy();
    },
  };
}

/** Ends a call when the call's own signal or the clients' signal aborts. */
class AbortableHandler extends NodeHttpHandler {
  readonly #signal: AbortSignal | undefined;

  constructor(signal: AbortSignal | undefined, options: ConstructorParameters<typeof NodeHttpHandler>[0]) {
    super(options);
    this.#signal = signal;
  }

  override handle(...[request, options = {}]: Parameters<NodeHttpHandler["handle"]>) {
    if (this.#signal === undefined) return super.handle(request, options);
    const own = options.abortSignal as AbortSignal | undefined;
    const abortSignal = own === undefined ? this.#signal : AbortSignal.any([own, this.#signal]);
    return super.handle(request, { ...options, abortSignal });
  }
}

function namesS3Endpoint(env: NodeJS.ProcessEnv): boolean {
  return Boolean(env.AWS_ENDPOINT_URL_S3 || env.AWS_ENDPOINT_URL);
}

function testAccess(endpoint: string | undefined) {
  return {
    region: "us-east-1",
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
    ...(endpoint !== undefined && { endpoint }),
  };
}
