import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { access, glob, readdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { DescribeTableCommand } from "@aws-sdk/client-dynamodb";
import { GetQueueUrlCommand } from "@aws-sdk/client-sqs";
import { GetCommand, ScanCommand } from "@aws-sdk/lib-dynamodb";
import { type LocalAws, startLocalAws } from "@doubleshot/local-aws";
import { publint } from "publint";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import * as settings from "../../src/infrastructure.ts";
import { type AdoptersProject, makeAdoptersProject, manifest } from "./adopters-project.fixture.ts";

// An adopter's steps in a project outside of this repository: install the published package, copy the code of its pages,
// compile it and run it.

const run = promisify(execFile);
const relayHost = fileURLToPath(new URL("relay-host.fixture.ts", import.meta.url));
const empty = { tables: {}, topics: {}, queues: {}, subscriptions: [], mappings: {} };

let project: AdoptersProject;

beforeAll(async () => {
  project = await makeAdoptersProject();
});
afterAll(() => project?.remove());

describe("the package", () => {
  test("has nothing that publint would object to", async () => {
    const { messages } = await publint({ pkgDir: project.packageFolder, strict: true });
    expect(messages).toEqual([]);
  });

  test("needs AWS clients and the OpenTelemetry API, and says nothing of this repository", async () => {
    const { dependencies, peerDependenciesMeta, ...rest } = await manifest(project.packageFolder);
    const others = Object.keys(dependencies).filter((name) => !name.startsWith("@aws-sdk/"));
    // The API's types include those of Lambda's events.
    expect(others).toEqual(["@opentelemetry/api", "@types/aws-lambda"]);
    expect(Object.keys(peerDependenciesMeta)).toEqual(Object.keys(rest.peerDependencies));
    for (const field of ["private", "devDependencies", "workspaces", "scripts"]) expect(rest).not.toHaveProperty(field);
    expect(rest.sideEffects).toBe(false);
  });

  test("has pages whose links lead somewhere", async () => {
    const pages = await Array.fromAsync(glob(join(project.packageFolder, "**/*.md")));
    expect(pages.length).toBeGreaterThan(3);
    for (const page of pages) {
      const links = [...(await readFile(page, "utf8")).matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, to = ""]) => to);
      for (const to of links) await expect(access(join(dirname(page), to)), `${page}: ${to}`).resolves.toBeUndefined();
    }
  });
});

let aws: LocalAws;
const processes: ChildProcess[] = [];

beforeAll(async () => {
  aws = await startLocalAws({ topology: empty });
});
afterAll(async () => {
  for (const process of processes) process.kill();
  await aws?.close();
});

const environment = () => ({
  PATH: process.env.PATH ?? "",
  NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE,
  ...aws.env,
});
const node = (...args: string[]) => run(process.execPath, args, { cwd: project.folder, env: environment() });

function start(...args: string[]) {
  const child = spawn(process.execPath, args, {
    cwd: project.folder,
    env: environment(),
    stdio: ["ignore", "ignore", "pipe"],
  });
  processes.push(child);
  const complaints: string[] = [];
  child.stderr.on("data", (chunk) => complaints.push(String(chunk)));
  const ended = once(child, "exit").then(([code]) => ({ code, complaints: complaints.join("") }));
  return { child, ended };
}

describe("an adopter's project", () => {
  test("compiles every entry point, and the code of the pages", async () => {
    const { exports } = await manifest(project.packageFolder);
    const entries = Object.keys(exports).filter((entry) => entry !== "./package.json");
    const imports = entries.map((entry, n) => `import * as e${n} from "@doubleshot/messaging${entry.slice(1)}";`);
    const loaded = `process.stdout.write(String([${entries.map((_, n) => `e${n}`)}].every((entry) => Object.keys(entry).length > 0)));`;
    await writeFile(join(project.folder, "entries.ts"), [...imports, loaded].join("\n"));
    const written = (await readdir(project.folder)).filter((name) => name.endsWith(".ts")).toSorted();
    const orders = ["orders.ts", "place-order.ts", "queues.ts", "relay.ts", "tables.ts"];
    const kitchen = ["kitchen.test.ts", "kitchen.ts", "open-kitchen.ts"];
    const more = ["lambda.ts", "observed-outbox.ts", "observed-relay.ts", "orders-stack.ts", "parking.ts"];
    expect(written).toEqual(["entries.ts", ...kitchen, ...more, ...orders].toSorted());
    await project.compile(written.filter((name) => name !== "orders-stack.ts"));
    expect((await node("entries.ts")).stdout).toBe("true");
  });

  test("tests without AWS, as the README does", async () => {
    const { stdout } = await run(process.execPath, ["--test", "--test-reporter=tap"], {
      cwd: project.folder,
      env: { PATH: process.env.PATH ?? "", AWS_REGION: "us-east-1" },
    });
    expect(stdout).toMatch(/# pass 2\n# fail 0/);
  });
});

describe("an adopter's first event", () => {
  test("has its first event handled, by the README's code and commands as they stand there", async () => {
    const { documents } = aws.clients;
    const item = async (id: string) =>
      (await documents.send(new GetCommand({ TableName: "orders", Key: { id } }))).Item;
    const readme = await readFile(join(project.packageFolder, "README.md"), "utf8");
    const placing = /node -e '(import\("\.\/place-order\.ts"\).*)'/.exec(readme)?.[1] ?? "";
    await node("tables.ts");
    await node("-e", placing);
    expect(await item("42")).toEqual({ id: "42", drink: "flat white", version: 1 });
    await expect(node("-e", placing)).rejects.toThrow("ConcurrencyConflictError");

    await writeFile(join(project.folder, ".env"), (await node("queues.ts")).stdout);
    await node("parking.ts");
    const { Table } = await aws.clients.dynamodb.send(new DescribeTableCommand({ TableName: "orders-parked" }));
    expect(Table?.KeySchema?.map(({ AttributeName }) => AttributeName)).toEqual(["aggregate", "version"]);
    await aws.clients.sqs.send(new GetQueueUrlCommand({ QueueName: "orders-outbox-failed" }));
    start("--env-file=.env", relayHost, join(project.folder, "relay.ts"), "orders-outbox");
    const kitchen = start("--env-file=.env", "open-kitchen.ts");
    const failed = kitchen.ended.then(({ complaints }) => Promise.reject(new Error(`It has ended: ${complaints}`)));
    const handled = expect
      .poll(() => item("ticket-42"), { interval: 50 })
      .toEqual({ id: "ticket-42", drink: "flat white" });
    await Promise.race([handled, failed]);
    const inbox = await documents.send(new ScanCommand({ TableName: "orders-inbox" }));
    expect(inbox.Items).toMatchObject([{ type: "OrderPlaced", source: "/orders", attempts: 1 }]);
    kitchen.child.kill("SIGTERM");
    expect(await kitchen.ended).toEqual({ code: 0, complaints: "" });
  });
});

describe("the CDK's example makes what the settings say", () => {
  interface Resource {
    readonly type: string;
    readonly properties: Readonly<Record<string, unknown>>;
    readonly dependsOn: readonly string[];
    keep(): boolean | undefined;
  }
  let resources: Readonly<Record<string, Resource>>;

  beforeAll(async () => {
    const { OrdersStack } = await import(pathToFileURL(join(project.folder, "orders-stack.ts")).href);
    resources = new OrdersStack(undefined, "Orders").resources;
  });
  const properties = (name: string) => resources[name]?.properties ?? {};
  const asStrings = (name: string) =>
    Object.fromEntries(Object.entries(properties(name)).map(([key, value]) => [key, String(value)]));

  test.each([
    ["orders-outbox", settings.outboxTable, settings.timeToLive],
    ["orders-inbox", settings.inboxTable, settings.timeToLive],
    ["orders-parked", settings.parkedTable, undefined],
  ])("table %s, which outlives its stack", (TableName, { StreamSpecification: stream, ...table }, ttl) => {
    expect(properties(TableName)).toEqual({
      TableName,
      ...table,
      StreamSpecification: stream && { StreamViewType: stream.StreamViewType },
      TimeToLiveSpecification: ttl,
    });
    expect(resources[TableName]?.keep()).toBe(true);
  });

  test("topic, queues and subscription", () => {
    expect(asStrings("Topic")).toEqual({ TopicName: "orders-events.fifo", ...settings.topic });
    for (const name of ["kitchen-dead.fifo", "kitchen-undelivered.fifo"]) {
      expect(asStrings(name)).toEqual({ QueueName: name, ...settings.deadLetterQueue });
    }
    expect(asStrings("kitchen.fifo")).toMatchObject(settings.subscriberQueue);
    const redrive = JSON.parse(settings.redrivePolicy("kitchen-dead.fifo.Arn"));
    expect(properties("kitchen.fifo").RedrivePolicy).toEqual(redrive);
    const { RawMessageDelivery, RedrivePolicy } = settings.subscription("kitchen-undelivered.fifo.Arn");
    expect(properties("Subscription")).toMatchObject({
      TopicArn: "Topic",
      Endpoint: "kitchen.fifo.Arn",
      RawMessageDelivery: RawMessageDelivery === "true",
      RedrivePolicy: JSON.parse(RedrivePolicy),
    });
    expect(resources.Subscription?.dependsOn).toEqual(["own-policy", "undelivered-policy"]);
    for (const [policy, queue] of [
      ["own-policy", "kitchen.fifo"],
      ["undelivered-policy", "kitchen-undelivered.fifo"],
    ]) {
      const PolicyDocument = JSON.parse(settings.queuePolicy(`${queue}.Arn`, "Topic"));
      expect(properties(policy ?? "")).toEqual({ Queues: [queue], PolicyDocument });
    }
    expect(asStrings("orders-outbox-failed")).toMatchObject(settings.failedRecordsQueue);
  });

  test("relay, and the mapping that waits for its rights", () => {
    const { Timeout: timeout, MemorySize: memorySize } = settings.relayFunction;
    expect(properties("Relay")).toMatchObject({ timeout, memorySize, environment: { PARKED_TABLE: "orders-parked" } });
    expect(properties("Relay").rights).toContain("sns:Publish Topic");
    expect(properties("RelayMapping")).toEqual({
      ...settings.relayMapping,
      EventSourceArn: "orders-outbox.StreamArn",
      FunctionName: "Relay",
      DestinationConfig: { OnFailure: { Destination: "orders-outbox-failed.Arn" } },
    });
    expect(resources.RelayMapping?.dependsOn).toEqual(["Relay"]);
  });
});
