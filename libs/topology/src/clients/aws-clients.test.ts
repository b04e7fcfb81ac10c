import { once } from "node:events";
import { createServer as createHttpServer, type ServerResponse } from "node:http";
import { createServer, type Server } from "node:net";
import { ListTablesCommand } from "@aws-sdk/client-dynamodb";
import { ListTopicsCommand } from "@aws-sdk/client-sns";
import { GetQueueUrlCommand, ReceiveMessageCommand } from "@aws-sdk/client-sqs";
import { GetCommand, PutCommand } from "@aws-sdk/lib-dynamodb";
import { afterEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { startEndpoints } from "../endpoints.fixture.ts";
import { provision } from "../provision/provision.ts";
import { twoServices } from "../two-services.fixture.ts";
import { type AwsClientOptions, createAwsClients } from "./aws-clients.ts";

async function listening(server: Server): Promise<string> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  const address = server.address();
  return `http://127.0.0.1:${typeof address === "object" && address ? address.port : 0}`;
}

function clientsAt(url: string, options: AwsClientOptions = {}) {
  const clients = createAwsClients({ endpoints: { dynamodb: url, sns: url, sqs: url }, ...options });
  onTestFinished(() => clients.destroy());
  return clients;
}

describe("a peer that stalls", () => {
  /** Without both timeouts these calls would wait for ever, and the test would reach its own deadline. */
  const impatient = { requestTimeoutMs: 100 };

  test("before it answers makes each attempt of the call fail", async () => {
    let connections = 0;
    const silent = createServer((socket) => {
      connections++;
      socket.on("error", () => {}).resume();
      onTestFinished(() => void socket.destroy());
    });
    const clients = clientsAt(await listening(silent), impatient);
    await expect(clients.dynamodb.send(new ListTablesCommand())).rejects.toMatchObject({ name: "TimeoutError" });
    expect(connections).toBeGreaterThan(1);
    await expect(clients.sns.send(new ListTopicsCommand())).rejects.toMatchObject({ name: "TimeoutError" });
    const receive = new GetQueueUrlCommand({ QueueName: "x" });
    await expect(clients.sqs.send(receive)).rejects.toMatchObject({ name: "TimeoutError" });
  });

  test("in the middle of its answer makes the call fail", async () => {
    const halting = createHttpServer((_request, response) => {
      response.writeHead(200, { "Content-Type": "application/x-amz-json-1.0", "Content-Length": 1_000 });
      response.write('{"TableNames": [');
    });
    onTestFinished(() => halting.closeAllConnections());
    const clients = clientsAt(await listening(halting), impatient);
    await expect(clients.dynamodb.send(new ListTablesCommand())).rejects.toThrow(/timed out|aborted|exceeded/);
  });

  test("has a longer time limit on a long poll, whose answer comes late by design", async () => {
    const polls: ServerResponse[] = [];
    const server = createHttpServer((_request, response) => polls.push(response));
    onTestFinished(() => server.closeAllConnections());
    const clients = clientsAt(await listening(server), impatient);
    const receive = new ReceiveMessageCommand({ QueueUrl: "http://127.0.0.1/queue", WaitTimeSeconds: 20 });

    const longPoll = clients.longPolls.send(receive);
    await once(server, "request");
    const [held] = polls;
    await expect(clients.sqs.send(receive)).rejects.toMatchObject({ name: "TimeoutError" });
    held?.setHeader("Content-Type", "application/x-amz-json-1.0").end("{}");
    await expect(longPoll).resolves.toBeDefined();
  });
});

describe("with all settings from the environment, as in a service", () => {
  const fromEnvironment = (endpoints: Record<string, string>) => {
    vi.stubEnv("AWS_REGION", "us-east-1");
    vi.stubEnv("AWS_ACCESS_KEY_ID", "test");
    vi.stubEnv("AWS_SECRET_ACCESS_KEY", "test");
    for (const [service, url] of Object.entries(endpoints)) vi.stubEnv(`AWS_ENDPOINT_URL_${service}`, url);
    const clients = createAwsClients();
    onTestFinished(() => clients.destroy());
    return clients;
  };
  afterEach(() => vi.unstubAllEnvs());

  test("the clients provision, and properties that are undefined are left out", async () => {
    const endpoints = await startEndpoints();
    onTestFinished(() => endpoints[Symbol.asyncDispose]());
    const { dynamodb, sns, sqs, s3 } = endpoints;
    const clients = fromEnvironment({ DYNAMODB: dynamodb, SNS: sns, SQS: sqs, S3: s3 });
    await provision({ topology: twoServices, shop: "env", clients });

    const TableName = "env-orders";
    const items = [{ sku: "latte", note: undefined }];
    await clients.documents.send(new PutCommand({ TableName, Item: { id: "1", items } }));
    const { Item } = await clients.documents.send(new GetCommand({ TableName, Key: { id: "1" } }));
    expect(Item).toEqual({ id: "1", items: [{ sku: "latte" }] });
  });

  test("the endpoint is used even when a queue's URL names a host that DNS cannot resolve", async () => {
    const server = createHttpServer((_request, response) => {
      response.setHeader("Content-Type", "application/x-amz-json-1.0").end("{}");
    });
    const clients = fromEnvironment({ SQS: await listening(server) });
    const receive = new ReceiveMessageCommand({ QueueUrl: "http://sqs.us-east-1.nowhere.invalid/000000000000/queue" });
    for (const client of [clients.sqs, clients.longPolls]) await expect(client.send(receive)).resolves.toBeDefined();
  });
});
