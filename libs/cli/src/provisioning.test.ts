import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type LocalAws, startLocalAws } from "@doubleshot/local-aws";
import { coffeeShop } from "@doubleshot/shop";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Env, gone, runCommand } from "./run-command.fixture.ts";

let aws: LocalAws;
let folder: string;
let code: string;
beforeAll(async () => {
  aws = await startLocalAws();
  folder = mkdtempSync(join(tmpdir(), "relay-"));
  code = join(folder, "handler.mjs");
  writeFileSync(code, "export const handler = () => {};");
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await aws?.close();
});

const run = (args: readonly string[], env: Env = {}) => runCommand(args, { ...aws.env, ...env });

describe("provision", () => {
  test("makes every resource of the shop, reports each, and finds all of them there in a second run", async () => {
    const first = await run(["provision"], { SHOP: "fresh" });
    expect(first.stdout).toMatch(
      /^(\d+) parts of fresh at http:\S+ in region us-east-1: \1 made, 0 changed, 0 there\.\n$/,
    );
    expect(first.code).toBe(0);
    const made = first.stderr.split("\n").filter((line) => line.startsWith("made "));
    const { tables, queues, topics } = coffeeShop.topology;
    for (const name of Object.keys({ ...tables, ...queues, ...topics })) {
      expect(made.filter((line) => line.split(" ")[2] === `fresh-${name}`).length).toBeGreaterThan(0);
    }
    const second = await run(["provision"], { SHOP: "fresh" });
    expect([second.code, second.stderr]).toEqual([0, ""]);
    expect(second.stdout).toContain(`: 0 made, 0 changed, ${made.length} there.\n`);
  });

  test("prints its parts as JSON", async () => {
    const { stdout } = await run(["provision", "--json"], { SHOP: "json" });
    const { shop, parts } = JSON.parse(stdout);
    expect(shop).toBe("json");
    expect(parts).toContainEqual({ kind: "table", name: "json-orders", state: "made" });
  });
});

describe.each([["provision"], ["deploy-relay"]])("%s", (verb) => {
  const endpoints = [
    "AWS_ENDPOINT_URL_DYNAMODB",
    "AWS_ENDPOINT_URL_SNS",
    "AWS_ENDPOINT_URL_SQS",
    "AWS_ENDPOINT_URL_S3",
  ];
  const everywhere = (url: string) => Object.fromEntries(endpoints.map((name) => [name, url]));

  test("AWS itself is refused, because the CDK makes the resources there", async () => {
    const { code: exit, stderr } = await run([verb], { ...everywhere(""), AWS_ENDPOINT_URL_LAMBDA: gone });
    expect([exit, stderr]).toEqual([
      1,
      "The endpoint is AWS in us-east-1, where the CDK app in infra makes the resources: set AWS_ENDPOINT_URL to a LocalStack-compatible endpoint.\n",
    ]);
  });

  test("an endpoint that is down is named in one sentence", async () => {
    const {
      code: exit,
      stdout,
      stderr,
    } = await run([verb, ...(verb === "deploy-relay" ? ["--code", code] : [])], {
      ...everywhere(gone),
      AWS_ENDPOINT_URL_LAMBDA: gone,
    });
    expect([exit, stdout]).toEqual([1, ""]);
    expect(stderr).toMatch(/^(DynamoDB|SQS|SNS|S3) does not answer at http:\/\/127\.0\.0\.1:1: [^\n]+\.\n$/);
  });
});

describe("deploy-relay", () => {
  const lambda = { AWS_ENDPOINT_URL_LAMBDA: gone };

  test("an environment without a Lambda API is told the variable to set", async () => {
    const { code: exit, stderr } = await run(["deploy-relay", "--code", code]);
    expect([exit, stderr]).toEqual([1, expect.stringMatching(/^AWS_ENDPOINT_URL is not set: [^\n]+\.\n$/)]);
  });

  test("a missing bundle is named with the command that builds it", async () => {
    const missing = join(folder, "missing.mjs");
    const { code: exit, stderr } = await run(["deploy-relay", "--code", missing], lambda);
    expect([exit, stderr]).toEqual([
      1,
      `The relay's module ${missing} cannot be read (ENOENT): build it with npm run build -w lambdas/outbox, or correct --code.\n`,
    ]);
  });

  test.each([
    ["a shop that is not provisioned", { SHOP: "nowhere" }, "us-east-1"],
    ["another region", { SHOP: "nowhere", AWS_REGION: "eu-west-1" }, "eu-west-1"],
  ])("a relay for %s is refused with what is missing and the region", async (_, env, region) => {
    const { code: exit, stderr } = await run(["deploy-relay", "--code", code], { ...lambda, ...env });
    expect(exit).toBe(1);
    expect(stderr).toMatch(
      /^(Table|Topic|Queue) nowhere-\S+ is not at http:[^\n]+provision it \(npm run provision\)\.\n$/,
    );
    expect(stderr).toContain(` in region ${region}: correct AWS_REGION, `);
  });

  test("a Lambda API that does not answer is named in one sentence", async () => {
    await run(["provision"], { SHOP: "half" });
    const { code: exit, stderr } = await run(["deploy-relay", "--code", code], { ...lambda, SHOP: "half" });
    expect([exit, stderr]).toEqual([
      1,
      "Lambda does not answer at http://127.0.0.1:1: start it or correct AWS_ENDPOINT_URL_LAMBDA.\n",
    ]);
  });
});
