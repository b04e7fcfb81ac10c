import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { ListTablesCommand, ScanCommand } from "@aws-sdk/client-dynamodb";
import { ListBucketsCommand } from "@aws-sdk/client-s3";
import { ListTopicsCommand } from "@aws-sdk/client-sns";
import { GetQueueAttributesCommand, ListQueuesCommand } from "@aws-sdk/client-sqs";
import { coffeeShop } from "@doubleshot/shop";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { type LocalAws, startLocalAws } from "../local-aws.ts";

/*
 * Pages of other origins against the embedded AWS, in a real browser. .ci/run names one in CHROMIUM, so the tests are
 * never left out there.
 */
const debians = "/usr/bin/chromium";
const executablePath = process.env.CHROMIUM ?? (existsSync(debians) ? debians : undefined);

let aws: LocalAws;
let browser: Browser;
/** A site that serves an empty page under any name. */
const site = createServer((_request, response) => {
  response.writeHead(200, { "content-type": "text/html" }).end("<!doctype html><title>A page</title>");
});
let sitePort: number;

beforeAll(async () => {
  if (executablePath === undefined) return;
  site.listen(0, "127.0.0.1");
  await once(site, "listening");
  sitePort = (site.address() as AddressInfo).port;
  const args = [
    // Any name may lead to this machine, as a page's own name does after DNS rebinding.
    "--host-resolver-rules=MAP *.example 127.0.0.1",
    // Other browsers do not ask before a page reaches this machine.
    "--disable-features=LocalNetworkAccessChecks",
  ];
  browser = await chromium.launch({ executablePath, chromiumSandbox: false, args });
  aws = await startLocalAws({ topology: coffeeShop.topology });
});
afterAll(async () => {
  await Promise.all([browser?.close(), aws?.close()]);
  site.close();
});
beforeEach(({ skip }) => {
  if (executablePath === undefined) skip("no browser: install Debian's chromium, or name one in CHROMIUM");
});

/** Everything that a page could have changed. */
async function state() {
  const { dynamodb, sqs, sns, s3 } = aws.clients;
  const { QueueUrls = [] } = await sqs.send(new ListQueuesCommand({}));
  const AttributeNames = ["ApproximateNumberOfMessages" as const];
  return {
    tables: (await dynamodb.send(new ListTablesCommand({}))).TableNames,
    orders: (await dynamodb.send(new ScanCommand({ TableName: "doubleshot-orders" }))).Items,
    queues: await Promise.all(
      QueueUrls.map(async (QueueUrl) => [
        QueueUrl,
        (await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames }))).Attributes,
      ]),
    ),
    topics: (await sns.send(new ListTopicsCommand({}))).Topics,
    buckets: (await s3.send(new ListBucketsCommand({}))).Buckets?.map(({ Name }) => Name),
  };
}

/** A request that a page sends, with the headers and the body that an AWS client would send. */
interface Call {
  readonly url: string;
  readonly method: "GET" | "POST";
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

const jsonCall = (url: string, target: string, body: object): Call => ({
  url,
  method: "POST",
  headers: {
    "content-type": "application/x-amz-json-1.0",
    "x-amz-target": target,
    "x-amz-date": "20260101T000000Z",
    authorization:
      "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0",
  },
  body: JSON.stringify(body),
});

/** SNS takes forms, which a page may send anywhere without a preflight. */
const formCall = (url: string, fields: Record<string, string>): Call => ({
  url,
  method: "POST",
  headers: { "content-type": "application/x-www-form-urlencoded" },
  body: new URLSearchParams(fields).toString(),
});

async function calls(): Promise<Call[]> {
  const { dynamodb, sqs, sns } = aws.endpoints;
  const { AWS_ENDPOINT_URL_DYNAMODB: direct = "" } = aws.env;
  const { QueueUrls = [] } = await aws.clients.sqs.send(new ListQueuesCommand({}));
  const QueueUrl = QueueUrls.find((url) => url.endsWith(".fifo")) ?? "";
  const put = { TableName: "doubleshot-orders", Item: { id: { S: "forged" } } };
  const message = { MessageBody: "forged", MessageGroupId: "a", MessageDeduplicationId: "a" };
  return [
    ...[dynamodb, direct].flatMap((url) => [
      { url, method: "GET" as const, headers: {} },
      jsonCall(url, "DynamoDB_20120810.ListTables", {}),
      jsonCall(url, "DynamoDB_20120810.PutItem", put),
    ]),
    { url: sqs, method: "GET", headers: {} },
    jsonCall(sqs, "AmazonSQS.ListQueues", {}),
    jsonCall(sqs, "AmazonSQS.CreateQueue", { QueueName: "forged" }),
    jsonCall(sqs, "AmazonSQS.SendMessage", { QueueUrl, ...message }),
    formCall(sns, { Action: "ListTopics" }),
    formCall(sns, { Action: "CreateTopic", Name: "forged" }),
  ];
}

const script = readFileSync(new URL("./browser-page.fixture.js", import.meta.url), "utf8");

/** Sends the call in every way that a page has, and returns all that the page can read of the answers. */
const sendAll = (page: Page, call: Call): Promise<string[]> =>
  page.evaluate<string[]>(`${script}\nsendAll(${JSON.stringify(call)})`);

test.each([
  ["of a stranger", () => `http://stranger.example:${sitePort}/`],
  ["of a program on this machine", () => `http://127.0.0.1:${sitePort}/`],
  ["on localhost", () => `http://localhost:${sitePort}/`],
])("a page %s reads nothing of the embedded AWS and changes nothing there", async (_, url) => {
  const before = await state();
  const page = await browser.newPage();
  const underWay = new Set<unknown>();
  page.on("request", (request) => underWay.add(request));
  page.on("requestfinished", (request) => underWay.delete(request));
  page.on("requestfailed", (request) => underWay.delete(request));
  await page.goto(url());
  for (const call of await calls()) expect([call, await sendAll(page, call)]).toEqual([call, []]);
  await expect.poll(() => underWay.size).toBe(0);
  expect(await state()).toEqual(before);
  await page.close();
});

test.each([
  ["DynamoDB", () => aws.endpoints.dynamodb],
  ["SNS, SQS and S3", () => aws.endpoints.sqs],
])("a page whose name was led to the port of %s is refused, and so are its calls", async (_, endpoint) => {
  const before = await state();
  const page = await browser.newPage();
  const rebound = `http://rebound.example:${new URL(endpoint()).port}/`;
  // The page itself still came from its own server, under the same name and port.
  await page.route(rebound, (route) => route.fulfill({ contentType: "text/html", body: "<body>" }), { times: 1 });
  await page.goto(rebound);
  for (const call of await calls()) {
    // The page's own origin, so neither a preflight nor a foreign Origin is in the way.
    expect([call, await sendAll(page, { ...call, url: rebound })]).toEqual([call, []]);
  }
  expect(await state()).toEqual(before);
  await page.close();
});

test("the calls are ones that the embedded AWS would carry out for a program", async () => {
  const before = await state();
  const { AWS_ENDPOINT_URL_DYNAMODB: direct = "" } = aws.env;
  for (const { url, ...call } of await calls()) {
    // Node's fetch refuses the ports that browsers refuse.
    if (url !== direct) expect([call, (await fetch(url, call)).status]).toEqual([call, 200]);
  }
  const after = await state();
  expect(after.orders).toHaveLength(1);
  expect(after.queues.length).toBe(before.queues.length + 1);
  expect(after.topics?.length).toBe((before.topics?.length ?? 0) + 1);
  expect(after.queues.map(([, attributes]) => attributes)).toContainEqual({ ApproximateNumberOfMessages: "1" });
});
