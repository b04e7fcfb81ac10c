import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBStreamsClient } from "@aws-sdk/client-dynamodb-streams";
import { S3Client } from "@aws-sdk/client-s3";
import { SNSClient } from "@aws-sdk/client-sns";
import { SQSClient } from "@aws-sdk/client-sqs";
import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { NodeHttpHandler } from "@smithy/node-http-handler";
import { refuseForeignAnswers } from "./aws-answers.ts";
import { noteFailedCalls } from "./failed-call.ts";

/** One set of clients for a process. Whoever creates them destroys them. */
export interface AwsClients {
  readonly dynamodb: DynamoDBClient;
  /** `dynamodb` with plain JavaScript values; properties that are `undefined` are left out. */
  readonly documents: DynamoDBDocumentClient;
  readonly streams: DynamoDBStreamsClient;
  readonly sns: SNSClient;
  /** For everything that answers at once. */
  readonly sqs: SQSClient;
  /** For `ReceiveMessage` with `WaitTimeSeconds` up to SQS's limit of 20. */
  readonly longPolls: SQSClient;
  readonly s3: S3Client;
  /** Closes the sockets. Calls in flight fail. */
  destroy(): void;
}

/** Where the services are when not told by the environment: for tests and for whoever starts them. */
export interface Endpoints {
  readonly dynamodb: string;
  readonly sns: string;
  readonly sqs: string;
  readonly s3?: string;
}

export interface AwsClientOptions {
  /** Concurrent sockets a client may have to one endpoint. */
  readonly maxSockets?: number;
  /** Explicit endpoints come with test credentials and `us-east-1`: they are never AWS. */
  readonly endpoints?: Endpoints;
  /** How long one attempt of one call may take, in milliseconds; the SDK makes up to four. */
  readonly requestTimeout?: number;
  /** Fires to end every call under way, and each that begins later. */
  readonly signal?: AbortSignal | undefined;
}

/** The longest an SQS long poll waits: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ReceiveMessage.html */
const longestPollMilliseconds = 20_000;

/**
 * The only place that makes AWS clients. Region, credentials and `AWS_ENDPOINT_URL_*` come from the environment, as the
 * SDK reads them, unless `endpoints` are given.
 *
 * Every call ends: the SDK's defaults wait for ever on a peer that accepts and then says nothing.
 */
export function createAwsClients(options: AwsClientOptions = {}): AwsClients {
  // A call's clock also runs while it waits for a socket, so the SDK's default of 50 would turn a rush into timeouts.
  const { maxSockets = 256, endpoints, requestTimeout = 5_000, signal } = options;
  const requestHandler = (timeout: number) =>
    new AbortableHandler(signal, {
      connectionTimeout: Math.min(timeout, 2_000),
      // Ends with the response's headers, and without throwOnRequestTimeout only logs a warning.
      requestTimeout: timeout,
      throwOnRequestTimeout: true,
      // Covers what requestTimeout does not: a body that stops half way.
      socketTimeout: timeout,
      httpAgent: { maxSockets },
      httpsAgent: { maxSockets },
    });
  const config = (service: keyof Endpoints, timeout = requestTimeout) => ({
    ...(endpoints && testAccess(endpoints[service])),
    requestHandler: requestHandler(timeout),
  });
  // The SDK otherwise follows the queue URL's host, which an emulator makes up and nobody can resolve.
  const sqsConfig = (timeout?: number) => ({ ...config("sqs", timeout), useQueueUrlAsEndpoint: false });

  const dynamodb = new DynamoDBClient(config("dynamodb"));
  const documents = DynamoDBDocumentClient.from(dynamodb, { marshallOptions: { removeUndefinedValues: true } });
  const streams = new DynamoDBStreamsClient(config("dynamodb"));
  const sns = new SNSClient(config("sns"));
  const sqs = new SQSClient(sqsConfig());
  const longPolls = new SQSClient(sqsConfig(longestPollMilliseconds + requestTimeout));
  // An emulator answers at one name, AWS at one for each bucket.
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

/** Each call ends when its own signal fires, or the clients'. */
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
