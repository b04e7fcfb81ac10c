import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type LocalAws, startLocalAws } from "@doubleshot/local-aws";
import { coffeeShop } from "@doubleshot/shop";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Env, gone, runCommand } from "./run-command.fixture.ts";

let aws: LocalAws;
beforeAll(async () => {
  aws = await startLocalAws({ topology: coffeeShop.topology });
});
afterAll(() => aws?.close());

/** The addresses of the embedded AWS, as the ports that a shop on this machine would have. */
const localPorts = (): Env => ({
  DYNAMODB_PORT: new URL(aws.endpoints.dynamodb).port,
  MESSAGING_PORT: new URL(aws.endpoints.sqs).port,
});

test("without AWS settings: the shop on this machine, which standard error names", async () => {
  const { code, stdout, stderr } = await runCommand(["status", "--json"], localPorts());
  expect(code).toBe(0);
  expect(stderr).toMatch(/^Using the shop on this machine \(ports \d+ and \d+\): [^\n]+\n$/);
  expect(JSON.parse(stdout)).toMatchObject({
    shop: "doubleshot",
    outboxes: [{ outbox: "doubleshot-orders-outbox" }, {}, {}],
  });
});

test("with AWS settings: that shop alone, and no remark", async () => {
  const { code, stderr } = await runCommand(["status"], aws.env);
  expect([code, stderr]).toEqual([0, ""]);
});

describe("a data folder with the file of an open shop", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "doubleshot-"));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));
  const left = (pid: number, endpoints = aws.endpoints) =>
    writeFile(join(folder, "open-shop.json"), JSON.stringify({ pid, shop: "doubleshot", endpoints, services: {} }));

  test("leads to the shop on any ports", async () => {
    await left(process.pid);
    const { code, stderr } = await runCommand(["status"], { DATA: folder });
    expect([code, stderr]).toEqual([0, expect.stringContaining(`(${folder}, process ${process.pid})`)]);
  });

  test.each([
    ["--data", (data: string) => [["--data", data], {}] as const],
    ["DATA", (data: string) => [[], { DATA: data }] as const],
  ])("named by %s wins over AWS settings", async (_, named) => {
    await left(process.pid);
    const [args, env] = named(folder);
    const settings = { AWS_ENDPOINT_URL: gone, AWS_REGION: "eu-central-1" };
    const { code, stderr } = await runCommand(["status", ...args], { ...settings, ...env });
    expect([code, stderr]).toEqual([0, `Using the shop on this machine (${folder}, process ${process.pid}).\n`]);
  });

  test("named by --data is the only one that counts", async () => {
    const { code, stdout, stderr } = await runCommand(["--data", "/nowhere", "status"], localPorts());
    expect([code, stdout]).toEqual([1, ""]);
    expect(stderr).toBe("No shop is open in /nowhere: open it with npm start -- --data, or correct --data.\n");
  });

  test.each([
    ["there is no file", () => rm(join(folder, "open-shop.json"), { force: true })],
    ["its process is gone", () => left(2 ** 30)],
    ["nothing answers there", () => left(process.pid, { ...aws.endpoints, dynamodb: gone })],
    ["it is not readable", () => writeFile(join(folder, "open-shop.json"), "{")],
    ["it is null", () => writeFile(join(folder, "open-shop.json"), "null")],
    ["it names no endpoints", () => writeFile(join(folder, "open-shop.json"), `{ "pid": ${process.pid} }`)],
    ["an endpoint is no URL", () => left(process.pid, { ...aws.endpoints, sqs: "nonsense" })],
  ])("named by DATA is the only one that counts, also when %s", async (_, leave) => {
    await leave();
    const { code, stdout, stderr } = await runCommand(["dead", "redrive"], { ...localPorts(), DATA: folder });
    expect([code, stdout]).toEqual([1, ""]);
    expect(stderr).toBe(`No shop is open in ${folder}: open it with npm start -- --data, or correct DATA.\n`);
  });
});

test.each([
  [
    "nothing is open",
    { DYNAMODB_PORT: "1", MESSAGING_PORT: "2", DATA: "" },
    /^No shop is open on this machine \(nothing answers on ports 1 and 2, and \S+\.doubleshot names none\).*npm start.*DATA.*\n$/,
  ],
  ["a port that is none", { DYNAMODB_PORT: "x" }, /^DYNAMODB_PORT is "x": .*\n$/],
  ["a name that cannot be", { SHOP: "My Shop" }, /^SHOP is "My Shop": .*\n$/],
  [
    "an endpoint that is dead",
    { AWS_ENDPOINT_URL: gone, AWS_REGION: "us-east-1", AWS_ACCESS_KEY_ID: "x", AWS_SECRET_ACCESS_KEY: "x" },
    /^DynamoDB does not answer at http:\/\/127.0.0.1:1: .*\n$/,
  ],
] as const)("%s: one sentence, and exit code 1", async (_, env, sentence) => {
  const { code, stdout, stderr } = await runCommand(["status"], env);
  expect([code, stdout]).toEqual([1, ""]);
  expect(stderr).toMatch(sentence);
});

test("another region than the shop's is named, because there the shop seems to be missing", async () => {
  const { code, stderr } = await runCommand(["dead", "list"], { ...aws.env, AWS_REGION: "eu-central-1" });
  expect(code).toBe(1);
  expect(stderr).toMatch(/^Queue \S+ is not at http:\S+ in region eu-central-1: correct AWS_REGION, SHOP, .*\n$/);
});

test("a shop that is not there", async () => {
  const { code, stderr } = await runCommand(["audit"], { ...aws.env, SHOP: "other" });
  expect(code).toBe(1);
  expect(stderr).toMatch(
    /^Table other-(orders|barista|customers)-outbox is not at http:.*: correct AWS_REGION, SHOP.*\n$/,
  );
});
