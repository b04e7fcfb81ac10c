import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { SNSClient } from "@aws-sdk/client-sns";
import { SQSClient } from "@aws-sdk/client-sqs";
import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { type Answering, attachedLike } from "./attach.ts";
import { once } from "./once.ts";

/** The SDK clients of one process. */
export interface FakeClients {
  readonly dynamodb: DynamoDBClient;
  readonly documents: DynamoDBDocumentClient;
  readonly sns: SNSClient;
  readonly sqs: SQSClient;
}

/** Settings that a client otherwise reads from files and the environment. */
const config = {
  region: "us-east-1",
  credentials: { accessKeyId: "fake", secretAccessKey: "fake" },
  defaultsMode: "standard",
  requestHandler: {
    handle: () => Promise.reject(new Error("The fake has no network.")),
    updateHttpClientConfig: () => undefined,
    httpHandlerConfigs: () => ({}),
  },
} as const;

/** Created once: a client costs as much as many calls to the fake, and a test may have hundreds of processes. */
const dynamodbPatterns = once(() => {
  const dynamodb = new DynamoDBClient(config);
  const documents = DynamoDBDocumentClient.from(dynamodb, { marshallOptions: { removeUndefinedValues: true } });
  return [dynamodb, documents] as const;
});
const snsPattern = once(() => [new SNSClient(config)] as const);
const sqsPattern = once(() => [new SQSClient(config)] as const);

/** Clients whose calls `answer` answers. */
export function fakeClients(answer: Answering): FakeClients {
  const dynamodb = once(() => attachedLike(dynamodbPatterns(), answer));
  const sns = once(() => attachedLike(snsPattern(), answer));
  const sqs = once(() => attachedLike(sqsPattern(), answer));
  return {
    get dynamodb() {
      return dynamodb()[0];
    },
    get documents() {
      return dynamodb()[1];
    },
    get sns() {
      return sns()[0];
    },
    get sqs() {
      return sqs()[0];
    },
  };
}
