import { once } from "node:events";
import { Agent, type IncomingHttpHeaders, request } from "node:http";
import { ListTablesCommand } from "@aws-sdk/client-dynamodb";
import { ListQueuesCommand } from "@aws-sdk/client-sqs";
import { GetCommand, PutCommand } from "@aws-sdk/lib-dynamodb";
import { coffeeShop } from "@doubleshot/shop";
import { createAwsClients } from "@doubleshot/topology";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { portsClosedToBrowsers } from "../dynamodb/direct-addresses.ts";
import { type LocalAws, startLocalAws } from "../local-aws.ts";

let aws: LocalAws;
beforeAll(async () => {
  aws = await startLocalAws({ topology: coffeeShop.topology });
});
afterAll(() => aws?.close());

interface Answer {
  readonly status: number | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** Sends any Host and Origin, which `fetch` does not. */
async function send(
  url: string,
  headers: Record<string, string>,
  { method = "POST", body = "", agent = new Agent() } = {},
) {
  const call = request(url, { method, headers, agent }).end(body);
  const [response] = await once(call, "response");
  let text = "";
  for await (const chunk of response.setEncoding("utf8")) text += chunk;
  return { status: response.statusCode, headers: response.headers, body: text } satisfies Answer;
}

const authorization =
  "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0";
const listTables = {
  "x-amz-target": "DynamoDB_20120810.ListTables",
  "content-type": "application/x-amz-json-1.0",
  "x-amz-date": "20260101T000000Z",
  authorization,
};
const form = { "content-type": "application/x-www-form-urlencoded" };

describe.each([
  ["DynamoDB", () => aws.endpoints.dynamodb, listTables, "{}", /TableNames/],
  ["SNS and SQS", () => aws.endpoints.sqs, form, "Action=ListTopics", /ListTopicsResponse/],
] as const)("%s", (_, url, headers, body, expected) => {
  test("serves a program", async () => {
    const answer = await send(url(), headers, { body });
    expect(answer.body).toMatch(expected);
    expect(answer.status).toBe(200);
  });

  test("gives a page of its own no header that lets every page read the answer", async () => {
    const answer = await send(url(), { ...headers, origin: url() }, { body });
    expect(answer.status).toBe(200);
    expect(answer.headers["access-control-allow-origin"]).toBeUndefined();
  });

  test.each([
    ["Origin", { origin: "https://evil.example" }],
    ["Host", { host: "evil.example" }],
    ["Sec-Fetch-Site", { "sec-fetch-site": "cross-site" }],
  ])("refuses a foreign %s, and lets no page read the answer", async (_name, foreign) => {
    const answer = await send(url(), { ...headers, ...foreign }, { body });
    expect(answer.status).toBe(403);
    expect(answer.headers["access-control-allow-origin"]).toBeUndefined();
    expect(JSON.parse(answer.body)).toMatchObject({ __type: expect.stringContaining("AccessDeniedException") });
  });

  test("refuses a preflight, so that browsers send nothing else", async () => {
    const preflight = { origin: "https://evil.example", "access-control-request-method": "POST" };
    const answer = await send(url(), preflight, { method: "OPTIONS" });
    expect(answer.status).toBe(403);
    expect(answer.headers["access-control-allow-origin"]).toBeUndefined();
  });

  test("checks each request of a connection", async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    onTestFinished(() => agent.destroy());
    expect((await send(url(), headers, { body, agent })).status).toBe(200);
    expect((await send(url(), { ...headers, origin: "https://evil.example" }, { body, agent })).status).toBe(403);
  });
});

test("the SDK's clients get what they ask for, also large items and many calls at once", async () => {
  const clients = createAwsClients({ endpoints: aws.endpoints });
  onTestFinished(() => clients.destroy());
  expect((await clients.dynamodb.send(new ListTablesCommand({}))).TableNames).toContain("doubleshot-orders");
  expect((await clients.sqs.send(new ListQueuesCommand({}))).QueueUrls?.length).toBeGreaterThan(0);
  const TableName = "doubleshot-orders";
  const items = Array.from({ length: 5 }, (_, index) => ({ id: `large-${index}`, text: "é".repeat(150_000) }));
  await Promise.all(items.map((Item) => clients.documents.send(new PutCommand({ TableName, Item }))));
  const read = items.map(({ id }) => clients.documents.send(new GetCommand({ TableName, Key: { id } })));
  expect((await Promise.all(read)).map(({ Item }) => Item)).toEqual(items);
});

test("the database itself listens where no browser goes", async () => {
  const { AWS_ENDPOINT_URL_DYNAMODB: url = "" } = aws.env;
  const { port, hostname } = new URL(url);
  if (process.platform !== "linux") return expect(url).toBe(aws.endpoints.dynamodb);
  expect(portsClosedToBrowsers).toContain(Number(port));
  expect(hostname).toMatch(/^127\.77\./);
  // Node's fetch keeps the browsers' list of ports.
  await expect(fetch(url)).rejects.toMatchObject({ cause: { message: "bad port" } });
});

test.each(portsClosedToBrowsers)("port %i is on the list that browsers keep", async (port) => {
  await expect(fetch(`http://127.0.0.1:${port}`)).rejects.toMatchObject({ cause: { message: "bad port" } });
});
