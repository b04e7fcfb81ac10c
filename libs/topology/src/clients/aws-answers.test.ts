import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { DescribeTableCommand } from "@aws-sdk/client-dynamodb";
import { GetObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { PublishBatchCommand } from "@aws-sdk/client-sns";
import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageBatchCommand,
  GetQueueUrlCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
} from "@aws-sdk/client-sqs";
import {
  BatchGetCommand,
  GetCommand,
  PutCommand,
  QueryCommand,
  ScanCommand,
  TransactWriteCommand,
} from "@aws-sdk/lib-dynamodb";
import { expect, onTestFinished, test } from "vitest";
import { type AwsClients, createAwsClients } from "./aws-clients.ts";

interface Answer {
  readonly status: number;
  readonly headers?: Record<string, string>;
  readonly body: string;
}

/** Clients of an endpoint that gives every call this answer. */
async function clientsAnswered({ status, headers, body }: Answer): Promise<AwsClients> {
  const server = createServer((request, response) => {
    request.resume().on("end", () => response.writeHead(status, headers).end(body));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const clients = createAwsClients({ endpoints: { dynamodb: url, sns: url, sqs: url, s3: url } });
  onTestFinished(() => {
    clients.destroy();
    server.closeAllConnections();
    server.close();
  });
  return clients;
}

const TableName = "orders";
const QueueUrl = "http://sqs/queue";
const Bucket = "bucket";
const batch = [{ Id: "0", ReceiptHandle: "r", MessageBody: "m", Message: "m", VisibilityTimeout: 1 }];
const TopicArn = "arn:aws:sns:us-east-1:000000000000:topic";

const dynamodb: Record<string, (clients: AwsClients) => Promise<unknown>> = {
  TransactWriteItems: ({ documents }) =>
    documents.send(new TransactWriteCommand({ TransactItems: [{ Put: { TableName, Item: { id: "1" } } }] })),
  PutItem: ({ documents }) => documents.send(new PutCommand({ TableName, Item: { id: "1" } })),
  GetItem: ({ documents }) => documents.send(new GetCommand({ TableName, Key: { id: "1" } })),
};
/** Calls whose answer must have members: an empty object is refused. */
const withMembers: typeof dynamodb = {
  Query: ({ documents }) => documents.send(new QueryCommand({ TableName })),
  Scan: ({ documents }) => documents.send(new ScanCommand({ TableName })),
  BatchGetItem: ({ documents }) =>
    documents.send(new BatchGetCommand({ RequestItems: { [TableName]: { Keys: [{ id: "1" }] } } })),
  DescribeTable: (clients) => clients.dynamodb.send(new DescribeTableCommand({ TableName })),
  SendMessage: ({ sqs }) => sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: "m" })),
  SendMessageBatch: ({ sqs }) => sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries: batch })),
  DeleteMessageBatch: ({ sqs }) => sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries: batch })),
  ChangeMessageVisibilityBatch: ({ sqs }) =>
    sqs.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl, Entries: batch })),
  GetQueueUrl: ({ sqs }) => sqs.send(new GetQueueUrlCommand({ QueueName: "queue" })),
};
const others: typeof dynamodb = {
  ReceiveMessage: ({ longPolls }) => longPolls.send(new ReceiveMessageCommand({ QueueUrl })),
  PublishBatch: ({ sns }) => sns.send(new PublishBatchCommand({ TopicArn, PublishBatchRequestEntries: batch })),
  PutObject: ({ s3 }) => s3.send(new PutObjectCommand({ Bucket, Key: "k", Body: "b" })),
  GetObject: ({ s3 }) => s3.send(new GetObjectCommand({ Bucket, Key: "k" })),
};
const calls = { ...dynamodb, ...withMembers, ...others };

const page = "<html><body>Sign in to the guest network</body></html>";
const html = { "content-type": "text/html; charset=utf-8" };
const json = { "content-type": "application/json" };
const aws = { "content-type": "application/x-amz-json-1.0", "x-amzn-requestid": "1" };

/** Answers that AWS never gives. The SDK reads most of them as a success. */
const foreign: Record<string, Answer> = {
  "a page": { status: 200, headers: html, body: page },
  "nothing at all": { status: 200, body: "" },
  "no content": { status: 204, body: "" },
  "JSON that is no object": { status: 200, headers: json, body: "[]" },
  "JSON of another server": { status: 200, headers: json, body: '{"ok":true}' },
  "a redirect to a page": { status: 302, headers: { ...html, location: "/login" }, body: page },
  "a page that forbids": { status: 403, headers: html, body: page },
  "a page that is not found": { status: 404, headers: html, body: page },
};

const failures = async (answer: Answer, asked: typeof calls) => {
  const clients = await clientsAnswered(answer);
  const failed = async ([name, call]: [string, (clients: AwsClients) => Promise<unknown>]) =>
    [
      name,
      await call(clients).then(
        () => "done",
        (error: Error) => error.name,
      ),
    ] as const;
  return Object.fromEntries(await Promise.all(Object.entries(asked).map(failed)));
};

const each = (asked: typeof calls, outcome: unknown) =>
  Object.fromEntries(Object.keys(asked).map((name) => [name, outcome]));

test.each(Object.entries(foreign))("%s is refused as the answer to every call", async (_, answer) => {
  expect(await failures(answer, calls)).toEqual(each(calls, "UnreadableAnswerError"));
});

test.each(["", "[]", "null", '"x"', page])(
  "%j is refused as DynamoDB's answer, even with a request id",
  async (body) => {
    expect(await failures({ status: 200, headers: aws, body }, dynamodb)).toEqual(
      each(dynamodb, "UnreadableAnswerError"),
    );
  },
);

test("half of an answer is refused", async () => {
  const clients = await clientsAnswered({ status: 200, headers: aws, body: '{"Item":{"id":{"S":"1' });
  await expect(dynamodb.GetItem?.(clients)).rejects.toMatchObject({ $metadata: { httpStatusCode: 200 } });
});

test("an answer without its required members is refused", async () => {
  expect(await failures({ status: 200, headers: aws, body: "{}" }, withMembers)).toEqual(
    each(withMembers, "UnreadableAnswerError"),
  );
});

test("an empty object is accepted from calls whose answer may be empty", async () => {
  const asked = { ...dynamodb, ReceiveMessage: calls.ReceiveMessage as (typeof dynamodb)[string] };
  expect(await failures({ status: 200, headers: aws, body: "{}" }, asked)).toEqual(each(asked, "done"));
});

test("the message names the call and the content type of the answer", async () => {
  const clients = await clientsAnswered({ status: 200, headers: html, body: page });
  await expect(clients.dynamodb.send(new DescribeTableCommand({ TableName }))).rejects.toThrow(
    "The answer to DescribeTableCommand is not AWS's (it is text/html): look for a proxy or a sign-in page on the way to it.",
  );
});
