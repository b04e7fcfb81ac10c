import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { GetCommand, ScanCommand } from "@aws-sdk/lib-dynamodb";
import { type LocalAws, startLocalAws } from "@doubleshot/local-aws";
import { topicArn } from "@doubleshot/topology";
import { publint } from "publint";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { buildPackage } from "./build-package.ts";

// What an adopter does, in a folder that knows nothing of this repository: unpack the package that would be published,
// copy the code of its README, compile it, run it.

const run = promisify(execFile);
const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const modules = here("../../node_modules");
const empty = { tables: {}, topics: {}, queues: {}, subscriptions: [], mappings: {} };

let folder: string;
let project: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "adopter-"));
  project = join(folder, "project");
  await buildPackage(join(folder, "package"));
  await unpack(join(project, "node_modules/@doubleshot/messaging"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** As npm would have it, but for the network: the dependencies are those of this repository. */
async function unpack(target: string): Promise<void> {
  const packed = ["pack", "--json", "--offline", "--ignore-scripts", "--pack-destination", folder];
  const { stdout } = await run("npm", packed, { cwd: join(folder, "package") });
  const [{ filename }] = JSON.parse(stdout);
  await mkdir(target, { recursive: true });
  await run("tar", ["-xzf", join(folder, filename), "-C", target, "--strip-components=1"]);
  const { dependencies } = await manifest(target);
  for (const name of [...Object.keys(dependencies), "@aws-sdk/client-s3", "prom-client", "zod", "@types/node"]) {
    await mkdir(dirname(join(project, "node_modules", name)), { recursive: true });
    await symlink(join(modules, name), join(project, "node_modules", name));
  }
}

async function manifest(of: string) {
  return JSON.parse(await readFile(join(of, "package.json"), "utf8"));
}

/** The README's blocks of code that say in their first line which file they are. */
async function filesOfReadme(): Promise<[name: string, code: string][]> {
  const readme = await readFile(here("README.md"), "utf8");
  return [...readme.matchAll(/```ts\n\/\/ ([\w-]+\.ts): .*\n[\s\S]*?```/g)].map(([block, name = ""]) => [
    name,
    block.replace(/^```ts\n|```$/g, ""),
  ]);
}

async function compile(): Promise<void> {
  const compilerOptions = {
    target: "es2024",
    lib: ["es2024"],
    module: "nodenext",
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    types: ["node"],
    rootDir: ".",
    outDir: "out",
  };
  await writeFile(join(project, "package.json"), JSON.stringify({ name: "adopter", type: "module" }));
  await writeFile(join(project, "tsconfig.json"), JSON.stringify({ compilerOptions, include: ["*.ts"] }));
  await run(process.execPath, [join(modules, "typescript/bin/tsc"), "-p", project]).catch(({ stdout }) => {
    throw new Error(`The project does not compile:\n${stdout}`);
  });
}

describe("the package", () => {
  test("has nothing that publint would object to", async () => {
    const { messages } = await publint({ pkgDir: join(folder, "package"), strict: true });
    expect(messages).toEqual([]);
  });

  test("needs AWS clients and the OpenTelemetry API, and says nothing of this repository", async () => {
    const { dependencies, peerDependenciesMeta, ...rest } = await manifest(join(folder, "package"));
    const others = Object.keys(dependencies).filter((name) => !name.startsWith("@aws-sdk/"));
    // The types of Lambda's events are part of the API's.
    expect(others).toEqual(["@opentelemetry/api", "@types/aws-lambda"]);
    expect(Object.keys(peerDependenciesMeta)).toEqual(Object.keys(rest.peerDependencies));
    for (const field of ["private", "devDependencies", "workspaces", "scripts"]) expect(rest).not.toHaveProperty(field);
    expect(rest.sideEffects).toBe(false);
  });
});

describe("an adopter's project", () => {
  let aws: LocalAws;
  const processes: ChildProcess[] = [];

  beforeAll(async () => {
    aws = await startLocalAws({ topology: empty });
    for (const [name, code] of await filesOfReadme()) await writeFile(join(project, name), code);
  });
  afterAll(async () => {
    for (const process of processes) process.kill();
    await aws?.close();
  });

  function start(script: string, args: string[] = [], env: Record<string, string> = {}) {
    const child = spawn(process.execPath, [script, ...args], {
      env: { PATH: process.env.PATH ?? "", ...aws.env, ...env },
      stdio: ["ignore", "ignore", "pipe"],
    });
    processes.push(child);
    const complaints: string[] = [];
    child.stderr.on("data", (chunk) => complaints.push(String(chunk)));
    const ended = once(child, "exit").then(([code]) => ({ code, complaints: complaints.join("") }));
    return { child, ended };
  }

  test("compiles every entry point, and the code of the README", async () => {
    const { exports } = await manifest(join(folder, "package"));
    const entries = Object.keys(exports).filter((entry) => entry !== "./package.json");
    const imports = entries.map((entry, n) => `import * as e${n} from "@doubleshot/messaging${entry.slice(1)}";`);
    const loaded = `process.stdout.write(String([${entries.map((_, n) => `e${n}`)}].every((entry) => Object.keys(entry).length > 0)));`;
    await writeFile(join(project, "entries.ts"), [...imports, loaded].join("\n"));
    await compile();
    const { stdout } = await run(process.execPath, [join(project, "out/entries.js")]);
    expect(stdout).toBe("true");
    expect((await filesOfReadme()).map(([name]) => name)).toEqual(["outbox.ts", "relay.ts", "kitchen.ts"]);
  });

  test("has its first event handled, by the code of the README as it stands there", async () => {
    const { documents } = aws.clients;
    const item = async (id: string) =>
      (await documents.send(new GetCommand({ TableName: "orders", Key: { id } })).catch(() => undefined))?.Item;
    const kitchen = start(join(project, "out/kitchen.js"));
    const failed = kitchen.ended.then(({ complaints }) => Promise.reject(new Error(`It has ended: ${complaints}`)));
    const until = { timeout: 20_000, interval: 50 };
    const handled = async () => {
      await expect.poll(() => item("42"), until).toEqual({ id: "42", status: "PLACED", version: 1 });
      start(here("relay-host.fixture.ts"), [join(project, "out/relay.js"), "orders-outbox"], {
        TOPIC_ARN: await vi.waitFor(() => topicArn(aws.clients, "orders", "events.fifo"), until),
      });
      await expect.poll(() => item("ticket-42"), until).toEqual({ id: "ticket-42", drink: "flat white" });
    };
    await Promise.race([handled(), failed]);
    const inbox = await documents.send(new ScanCommand({ TableName: "orders-inbox" }));
    expect(inbox.Items).toMatchObject([{ type: "OrderPlaced", source: "/orders", attempts: 1 }]);
    kitchen.child.kill("SIGTERM");
    expect(await kitchen.ended).toEqual({ code: 0, complaints: "" });
  });
});
