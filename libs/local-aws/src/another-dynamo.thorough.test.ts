import { ListTablesCommand } from "@aws-sdk/client-dynamodb";
import { coffeeShop } from "@doubleshot/shop";
import { inOneSentence } from "@doubleshot/topology";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { type Dynoxide, startDynoxide } from "./dynamodb/dynoxide.ts";
import { startLocalAws } from "./local-aws.ts";
import { failToStart, startProcess } from "./processes.fixture.ts";
import { startFaultProxy } from "./testing/fault-proxy.ts";

// Where there is no dynoxide, a DynamoDB that the environment names takes its place.

/** The environment of a process that finds neither a packaged dynoxide nor one on PATH; `sh` it needs. */
const withoutDynoxide = {
  NODE_OPTIONS: `--import=${import.meta.resolve("./no-dynoxide.fixture.js")}`,
  PATH: "/usr/bin:/bin",
  DYNOXIDE: "",
};

let dynamo: Dynoxide;
beforeAll(async () => {
  dynamo = await startDynoxide({ port: 0 });
});
afterAll(() => dynamo?.close());

test("on a platform without dynoxide the refusal names the remedy", async () => {
  const { code, stderr } = await failToStart(withoutDynoxide);
  expect(stderr).toMatch(/^There is no dynoxide [^\n]+: run [^\n]+AWS_ENDPOINT_URL_DYNAMODB\.\n$/);
  expect(code).toBe(1);
});

test("AWS_ENDPOINT_URL_DYNAMODB names the DynamoDB to use", async () => {
  const env = { ...withoutDynoxide, AWS_ENDPOINT_URL_DYNAMODB: dynamo.url, SHOP: "guest", FUNCTIONS: "{}" };
  const aws = await startProcess(env);
  expect(aws.endpoints.dynamodb).toBe(dynamo.url);
  expect(aws.pids).not.toHaveProperty("dynoxide");
  const { TableNames } = await aws.clients.dynamodb.send(new ListTablesCommand({}));
  expect(TableNames).toContain("guest-orders-outbox");
  aws.process.kill("SIGTERM");
  expect(await aws.ended).toBe(0);
});

test("one that is not there ends the start with one sentence that names it", async () => {
  const { code, stderr } = await failToStart({
    ...withoutDynoxide,
    AWS_ENDPOINT_URL_DYNAMODB: "http://127.0.0.1:1",
    AWS_MAX_ATTEMPTS: "1",
  });
  expect(stderr).toMatch(/^DynamoDB does not answer at http:\/\/127\.0\.0\.1:1: [^\n]+\.\n$/);
  expect(code).toBe(1);
});

test("one that is lost from the n-th call of the start on ends it with one sentence, and leaves nothing open", async () => {
  const proxy = await startFaultProxy(dynamo.directUrl);
  onTestFinished(() => proxy.close());
  const { topology } = coffeeShop;
  let sentences = 0;
  for (let nth = 1; ; nth++) {
    let calls = 0;
    proxy.inflict(() => (++calls >= nth ? { isCarriedOut: false, status: 400, ...refusal } : "pass"));
    const start = inOneSentence(() => startLocalAws({ dynamodbEndpoint: proxy.url, shop: `lost-${nth}`, topology }));
    const started = await start.catch((error: unknown) => error);
    if (!(started instanceof Error)) {
      await (started as Awaited<typeof start>).close();
      break;
    }
    sentences += 1;
    expect(started).toMatchObject({ exitSentence: true });
    expect(started.message).toMatch(/^DynamoDB at http:[^\n]+[.]$/);
  }
  // Each table takes three calls: find it, make it, describe it.
  expect(sentences).toBeGreaterThanOrEqual(3 * Object.keys(topology.tables).length);
});

/** An error of AWS that the SDK does not try again. */
const refusal = {
  headers: { "content-type": "application/x-amz-json-1.0", "x-amzn-requestid": "1" },
  body: '{"__type":"com.amazonaws.dynamodb.v20120810#AccessDeniedException","message":"lost"}',
};
