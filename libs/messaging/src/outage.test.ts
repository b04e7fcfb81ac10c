import { once } from "node:events";
import { type AddressInfo, createServer, type Server } from "node:net";
import { DynamoDBClient, ListTablesCommand, TransactionCanceledException } from "@aws-sdk/client-dynamodb";
import { GetCommand, TransactWriteCommand } from "@aws-sdk/lib-dynamodb";
import { startLocalAws } from "@doubleshot/local-aws";
import { describe, expect, onTestFinished, test } from "vitest";
import { isOutage } from "./outage.ts";

/** What becomes of a connection; refused is one that nobody listens for. */
const connections = {
  refused: (server: Server) => server.close(),
  cut: (server: Server) => server.on("connection", (socket) => socket.on("data", () => socket.destroy())),
  "never answered": (server: Server) => server.on("connection", (socket) => socket.resume()),
};

async function listening(treat: (server: Server) => unknown): Promise<string> {
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

async function askAws(endpoint: string): Promise<unknown> {
  const client = new DynamoDBClient({
    endpoint,
    region: "us-east-1",
    credentials: { accessKeyId: "a", secretAccessKey: "b" },
    maxAttempts: 1,
    requestHandler: { requestTimeout: 50, throwOnRequestTimeout: true },
  });
  const failure = await failureOf(client.send(new ListTablesCommand()));
  client.destroy();
  return failure;
}

const askSomebody = (url: string) => failureOf(fetch(url, { signal: AbortSignal.timeout(50) }));

describe("an outage", () => {
  test.each(Object.entries(connections))("is a connection to AWS that is %s", async (_, treat) => {
    const failure = await askAws(await listening(treat));
    expect(isOutage(failure)).toBe(true);
    expect(isOutage(new Error("not saved", { cause: failure }))).toBe(true);
  });

  test.each(Object.entries(connections))("is not a connection to somebody else that is %s", async (_, treat) => {
    const failure = await askSomebody(await listening(treat));
    expect(failure).toBeInstanceOf(Error);
    expect(isOutage(failure)).toBe(false);
  });

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
