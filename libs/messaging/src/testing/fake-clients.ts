import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { SNSClient } from "@aws-sdk/client-sns";
import { SQSClient } from "@aws-sdk/client-sqs";
import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { once } from "./once.ts";
import { type Answering, pluggedLike } from "./plug.ts";

/** The SDK clients of one process. */
export interface FakeClients {
  readonly dynamodb: DynamoDBClient;
  readonly documents: DynamoDBDocumentClient;
  readonly sns: SNSClient;
  readonly sqs: SQSClient;
}

/** What a client would otherwise look for in files and in the environment. */
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

/** To set one up costs as much as many calls to the fake, and there may be hundreds of processes: it is done once. */
const dynamodbPatterns = once(() => {
  const dynamodb = new DynamoDBClient(config);
  const documents = DynamoDBDocumentClient.from(dynamodb, { marshallOptions: { removeUndefinedValues: true } });
  return [dynamodb, documents] as const;
});
const snsPattern = once(() => [new SNSClient(config)] as const);
const sqsPattern = once(() => [new SQSClient(config)] as const);

/** Clients whose calls are answered so. */
export function fakeClients(answer: Answering): FakeClients {
  const dynamodb = once(() => pluggedLike(dynamodbPatterns(), answer));
  const sns = once(() => pluggedLike(snsPattern(), answer));
  const sqs = once(() => pluggedLike(sqsPattern(), answer));
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
