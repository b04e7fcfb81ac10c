import { once } from "node:events";
import { type AddressInfo, createServer, type Server } from "node:net";
import { DynamoDBClient, ListTablesCommand, TransactionCanceledException } from "@aws-sdk/client-dynamodb";
import { ListBucketsCommand, S3Client } from "@aws-sdk/client-s3";
import { ListTopicsCommand, SNSClient } from "@aws-sdk/client-sns";
import { ListQueuesCommand, SQSClient } from "@aws-sdk/client-sqs";
import { GetCommand, TransactWriteCommand } from "@aws-sdk/lib-dynamodb";
import { startLocalAws } from "@doubleshot/local-aws";
import { describe, expect, onTestFinished, test } from "vitest";
import { isAmbiguous, isOutage } from "./aws-errors.ts";

/** Gives every request the same answer. */
const respondWith = (response: string) => (server: Server) =>
  server.on("connection", (socket) =>
    socket.on("data", () => socket.end(`HTTP/1.1 ${response.replaceAll("\n", "\r\n")}`)),
  );

/** Answers without an error code, as load balancers, proxies and failing services send them. */
const bareFailures = {
  "500 without a body": respondWith("500 Internal Server Error\nContent-Length: 0\n\n"),
  "500 with a code that nobody knows": respondWith(
    '500 Internal Server Error\nContent-Type: application/x-amz-json-1.0\nConnection: close\n\n{"__type":"New","message":"?"}',
  ),
  "502 of a balancer": respondWith("502 Bad Gateway\nContent-Type: text/html\nConnection: close\n\n<html>502</html>"),
  "503 as text": respondWith("503 Service Unavailable\nContent-Type: text/plain\nConnection: close\n\nback soon"),
  "504 with empty JSON": respondWith("504 Gateway Timeout\nContent-Type: application/json\nConnection: close\n\n{}"),
};

const page = "<html><body>Sign in to the guest network</body></html>";
const half = '{"TableNames":["orders';

/** Answers of a captive portal, a proxy or a broken load balancer, and interrupted ones. */
const foreignAnswers = {
  "page instead of JSON": respondWith(`200 OK\nContent-Type: text/html\nConnection: close\n\n${page}`),
  "page said to be JSON": respondWith(`200 OK\nContent-Type: application/x-amz-json-1.0\nConnection: close\n\n${page}`),
  "half of a document": respondWith(`200 OK\nContent-Type: application/x-amz-json-1.0\nConnection: close\n\n${half}`),
  "redirect to a page": respondWith(`302 Found\nLocation: /login\nConnection: close\n\n${page}`),
  "400 as a page": respondWith(`400 Bad Request\nContent-Type: text/html\nConnection: close\n\n${page}`),
  "400 without a body": respondWith("400 Bad Request\nContent-Length: 0\n\n"),
  "403 as a page": respondWith(`403 Forbidden\nContent-Type: text/html\nConnection: close\n\n${page}`),
  "407 as a page": respondWith(`407 Proxy Authentication Required\nConnection: close\n\n${page}`),
};

/** Ends of a connection. No server listens on the port of a refused one. */
const connections = {
  refused: (server: Server) => server.close(),
  cut: (server: Server) => server.on("connection", (socket) => socket.on("data", () => socket.destroy())),
  "never answered": (server: Server) => server.on("connection", (socket) => socket.resume()),
};

async function openServer(treat: (server: Server) => unknown): Promise<string> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const sockets = new Set<{ destroy(): void }>();
  server.on("connection", (socket) => sockets.add(socket));
  onTestFinished(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  treat(server);
  return `http://127.0.0.1:${port}`;
}

const failureOf = (call: Promise<unknown>): Promise<unknown> =>
  call.then(
    () => expect.unreachable(),
    (error: unknown) => error,
  );

const settings = {
  region: "us-east-1",
  credentials: { accessKeyId: "a", secretAccessKey: "b" },
  maxAttempts: 1,
};

async function askAws(endpoint: string): Promise<unknown> {
  const requestHandler = { requestTimeout: 50, throwOnRequestTimeout: true };
  const client = new DynamoDBClient({ ...settings, endpoint, requestHandler });
  const failure = await failureOf(client.send(new ListTablesCommand()));
  client.destroy();
  return failure;
}

/** One call for each protocol of the services. */
const askEach = {
  DynamoDB: (endpoint: string) => new DynamoDBClient({ ...settings, endpoint }).send(new ListTablesCommand()),
  SNS: (endpoint: string) => new SNSClient({ ...settings, endpoint }).send(new ListTopicsCommand()),
  SQS: (endpoint: string) => new SQSClient({ ...settings, endpoint }).send(new ListQueuesCommand()),
  S3: (endpoint: string) => new S3Client({ ...settings, endpoint }).send(new ListBucketsCommand()),
};

const askSomebody = (url: string) => failureOf(fetch(url, { signal: AbortSignal.timeout(50) }));

describe("an outage", () => {
  test.each(Object.entries(connections))("is a connection to AWS that is %s", async (_, treat) => {
    const failure = await askAws(await openServer(treat));
    expect(isOutage(failure)).toBe(true);
    expect(isOutage(new Error("not saved", { cause: failure }))).toBe(true);
  });

  test.each(Object.entries(bareFailures))("is a %s, from whichever service", async (_, treat) => {
    const endpoint = await openServer(treat);
    for (const ask of Object.values(askEach)) expect(isOutage(await failureOf(ask(endpoint)))).toBe(true);
  });

  test.each(Object.entries(foreignAnswers))("is a %s, and the call may have taken effect", async (_, treat) => {
    const endpoint = await openServer(treat);
    for (const service of ["DynamoDB", "SQS"] as const) {
      const failure = await failureOf(askEach[service](endpoint));
      expect([service, isOutage(failure), isAmbiguous(failure)]).toEqual([service, true, true]);
    }
  });

  test.each(Object.entries(connections))("is not a connection to somebody else that is %s", async (_, treat) => {
    const failure = await askSomebody(await openServer(treat));
    expect(failure).toBeInstanceOf(Error);
    expect(isOutage(failure)).toBe(false);
  });
});

describe("an outage by its error", () => {
  test("is a lack of credentials", async () => {
    const credentials = () =>
      Promise.reject(Object.assign(new Error("none"), { name: "CredentialsProviderError", tryNextLink: false }));
    const client = new DynamoDBClient({ region: "us-east-1", credentials });
    expect(isOutage(await failureOf(client.send(new ListTablesCommand())))).toBe(true);
  });

  test("is a transaction that was cancelled for want of capacity, and none that was for its conditions", () => {
    const cancelled = (...Codes: string[]) =>
      new TransactionCanceledException({
        message: "cancelled",
        $metadata: { httpStatusCode: 400 },
        CancellationReasons: Codes.map((Code) => ({ Code })),
      });
    expect(isOutage(cancelled("None", "ThrottlingError"))).toBe(true);
    expect(isOutage(cancelled("ProvisionedThroughputExceeded", "None"))).toBe(true);
    expect(isOutage(cancelled("ConditionalCheckFailed", "None"))).toBe(false);
  });

  test("is a table that is missing", async () => {
    await using aws = await startLocalAws();
    const { documents } = aws.clients;
    const Get = { TableName: "missing", Key: { id: "1" } };
    const Put = { TableName: "missing", Item: { id: "1" } };
    expect(isOutage(await failureOf(documents.send(new GetCommand(Get))))).toBe(true);
    expect(isOutage(await failureOf(documents.send(new TransactWriteCommand({ TransactItems: [{ Put }] }))))).toBe(
      true,
    );
  });

  test("is a bucket that is missing, and nothing that a message may have named: an object, a secret, a function", () => {
    const missing = (name: string) => Object.assign(new Error("missing"), { name, $metadata: { httpStatusCode: 404 } });
    expect(isOutage(missing("NoSuchBucket"))).toBe(true);
    for (const name of ["NotFound", "NoSuchKey", "ResourceNotFoundException"])
      expect(isOutage(missing(name))).toBe(false);
    const secret = Object.assign(missing("ResourceNotFoundException"), { __type: "ResourceNotFoundException" });
    expect(isOutage(secret)).toBe(false);
  });

  test("is a table that another copy of the client misses", () => {
    const __type = "com.amazonaws.dynamodb.v20120810#ResourceNotFoundException";
    const error = Object.assign(new Error("missing"), { name: "ResourceNotFoundException", $metadata: {}, __type });
    expect(isOutage(error)).toBe(true);
  });

  test("is no error of anybody's own, whatever it is called", () => {
    for (const name of ["TimeoutError", "ThrottlingException", "NotFound", "InternalServerError"]) {
      expect(isOutage(Object.assign(new Error("no"), { name }))).toBe(false);
    }
    for (const thrown of [undefined, null, "ECONNREFUSED", 7]) expect(isOutage(thrown)).toBe(false);
  });
});
