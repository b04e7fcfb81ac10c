import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { GetItemCommand } from "@aws-sdk/client-dynamodb";
import { startLocalAws } from "@doubleshot/local-aws";
import { afterEach, beforeEach, expect, onTestFinished, test } from "vitest";
import { freePorts, portsToBeFree } from "./ports.ts";

// npm start as its user meets it: a process, its words, its exit code.

const main = fileURLToPath(new URL("./main.ts", import.meta.url));
const root = fileURLToPath(new URL("../../..", import.meta.url));

let data: string;
let ports: number[];
beforeEach(async () => {
  data = mkdtempSync(join(tmpdir(), "doubleshot-"));
  ports = await freePorts(5);
});
afterEach(() => rmSync(data, { recursive: true, force: true }));

interface Started {
  readonly child: ChildProcess;
  readonly said: () => string;
  readonly open: () => Promise<void>;
  readonly ended: Promise<[number | null, NodeJS.Signals | null]>;
}

function start(args: string[] = [], env: Record<string, string> = {}, command = [process.execPath, main]): Started {
  const [program = "", ...programArgs] = command;
  const [orders, barista, dynamodb, messaging, admin] = ports.map(String);
  const child = spawn(program, [...programArgs, "--data", data, ...args], {
    cwd: root,
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      ...process.env,
      ORDERS_PORT: orders,
      BARISTA_PORT: barista,
      DYNAMODB_PORT: dynamodb,
      MESSAGING_PORT: messaging,
      ADMIN_PORT: admin,
      ...env,
    },
  });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (said += chunk));
  const ended = once(child, "close").then(([code, signal]): [number | null, NodeJS.Signals | null] => [code, signal]);
  onTestFinished(async () => {
    child.kill("SIGTERM");
    await ended;
  });
  const open = async () => {
    await expect.poll(() => child.exitCode !== null || said.includes("Ctrl-C")).toBe(true);
    expect(child.exitCode, said).toBeNull();
  };
  return { child, said: () => said, open, ended };
}

const alive = (pid: number) => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};
const counter = (path: string) => `http://127.0.0.1:${ports[0]}${path}`;
const place = async (): Promise<{ id: string }> => {
  const answer = await fetch(counter("/orders"), {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: "{}",
  });
  expect(answer.status).toBe(201);
  return Object.assign({ id: "" }, await answer.json());
};
const statusOf = async (id: string) => (await fetch(counter(`/orders/${id}`))).status;

test("opens on the DynamoDB that the environment names where there is no dynoxide", async () => {
  await using other = await startLocalAws();
  const hook = new URL("../../local-aws/src/no-dynoxide.fixture.js", import.meta.url);
  const shop = start([], {
    NODE_OPTIONS: `--import=${hook}`,
    DYNOXIDE: "",
    PATH: "/usr/bin:/bin",
    AWS_ENDPOINT_URL_DYNAMODB: other.endpoints.dynamodb,
    SHOP: "elsewhere",
  });
  await shop.open();
  const { id } = await place();
  const Key = { id: { S: id } };
  const { Item } = await other.clients.dynamodb.send(new GetItemCommand({ TableName: "elsewhere-orders", Key }));
  expect(Item).toMatchObject(Key);
  shop.child.kill("SIGINT");
  expect((await shop.ended)[0]).toBe(0);
});

test("opens, says where to look, also to the doubleshot command, and closes on Ctrl-C: the waiting are told where to come back", async () => {
  const shop = start();
  await shop.open();
  expect(shop.said()).toMatch(/Doubleshot is open after \d+\.\d s\./);
  expect(shop.said()).toContain(`curl -X POST http://localhost:${ports[0]}/order/`);
  expect(shop.said()).toContain(`curl http://localhost:${ports[1]}/start/`);
  expect(shop.said()).toMatch(new RegExp(`dynamodb-admin +http://127\\.0\\.0\\.1:${ports[4]}\n`));
  const command = join(root, "libs/cli/bin/doubleshot.js");
  const env = { PATH: process.env.PATH ?? "", DATA: data };
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [command, "status"], { env });
  expect(stderr).toContain(`(${data}, process ${shop.child.pid})`);
  expect(stdout).toMatch(new RegExp(`orders.*${ports[0]}.*ready`));
  const inspector = `http://127.0.0.1:${ports[4]}`;
  await expect.poll(() => fetch(inspector).then(({ status }) => status)).toBe(200);
  const ofPage = { method: "DELETE", headers: { origin: "https://evil.example" } };
  expect((await fetch(`${inspector}/tables/doubleshot-orders`, ofPage)).status).toBe(403);

  const waiter = fetch(counter("/order/"), { method: "POST" });
  // Once the order is at the bar, the counter certainly holds its caller.
  await expect.poll(() => fetch(`http://127.0.0.1:${ports[1]}/start/`).then(({ status }) => status)).toBe(200);
  shop.child.kill("SIGINT");
  const answer = await waiter;
  expect(answer.status).toBe(503);
  expect(answer.headers.get("retry-after")).not.toBeNull();
  expect(answer.headers.get("location")).toMatch(/^\/orders\//);
  expect(await shop.ended, shop.said()).toEqual([0, null]);
  expect(existsSync(join(data, "open-shop.json"))).toBe(false);
});

test("a second Ctrl-C kills what does not stop, with exit code 130", async () => {
  const shop = start();
  await shop.open();
  const log = join(data, "logs", "orders.log");
  const pid = () => (existsSync(log) ? /"pid":(\d+),"name":"orders"/.exec(readFileSync(log, "utf8"))?.[1] : undefined);
  await expect.poll(pid).toBeDefined();
  const orders = pid();
  // A request that never ends: the counter gives its sender two seconds to finish before it stops.
  const sender = connect(ports[0] ?? 0, "127.0.0.1");
  sender.on("error", () => undefined);
  onTestFinished(() => void sender.destroy());
  await once(sender, "connect");
  sender.write("POST /orders HTTP/1.1\r\nHost: shop\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{");
  // The answer to another request shows that the first has been read.
  await fetch(`http://127.0.0.1:${ports[0]}/livez`);
  shop.child.kill("SIGINT");
  const impatience = setInterval(() => shop.child.kill("SIGINT"), 200);
  onTestFinished(() => clearInterval(impatience));
  expect(await shop.ended, shop.said()).toEqual([130, null]);
  expect(shop.said()).toMatch(/\nKilled\.\n$/);
  expect(alive(Number(orders))).toBe(false);
});

test("SIGTERM to npm closes the shop: nothing is left behind", async () => {
  const shop = start([], {}, ["npm", "start", "--"]);
  await shop.open();
  shop.child.kill("SIGTERM");
  await shop.ended;
  expect(shop.said()).toContain("Closed.");
  await portsToBeFree(
    ports.map((port) => ({ port, name: "any", setting: "any" })),
    0,
  );
});

test("what was ordered is still there the next time, and forgotten with --fresh", async () => {
  const first = start();
  await first.open();
  const { id } = await place();
  first.child.kill("SIGTERM");
  expect(await first.ended).toEqual([0, null]);

  const second = start();
  await second.open();
  expect(await statusOf(id)).toBe(200);
  second.child.kill("SIGTERM");
  await second.ended;

  const third = start(["--fresh"]);
  await third.open();
  expect(await statusOf(id)).toBe(404);
});

test("a shop that is open already is named, and keeps its data, whatever the ports of the second, and with --fresh", async () => {
  const first = start();
  await first.open();
  const { id } = await place();
  const free = { ORDERS_PORT: "0", BARISTA_PORT: "0", DYNAMODB_PORT: "0", MESSAGING_PORT: "0", ADMIN_PORT: "0" };
  const second = start(["--fresh"], free);
  expect(await second.ended).toEqual([1, null]);
  expect(second.said().trim()).toBe(
    `The shop is open already, at ${counter("")} (process ${first.child.pid}): use that one, or close it with Ctrl-C.`,
  );
  expect(await statusOf(id)).toBe(200);

  first.child.kill("SIGTERM");
  await first.ended;
  const third = start();
  await third.open();
  expect(await statusOf(id)).toBe(200);
});

test("kill -9 of the supervisor takes the processes along, and the next start takes over at once", async () => {
  const first = start();
  await first.open();
  const { id } = await place();
  first.child.kill("SIGKILL");
  const second = start();
  await second.open();
  expect(await statusOf(id)).toBe(200);
  await first.ended;
});

test("a taken port is one sentence and exit code 1", async () => {
  const server = createServer().listen(ports[1], "127.0.0.1");
  onTestFinished(() => {
    server.close();
  });
  const shop = start();
  expect(await shop.ended).toEqual([1, null]);
  expect(shop.said().trim()).toBe(
    `Port ${ports[1]} (barista) is taken: stop the program that listens there, or choose another port with BARISTA_PORT.`,
  );
});

test("a taken port of dynamodb-admin costs dynamodb-admin only", async () => {
  const server = createServer().listen(ports[4], "127.0.0.1");
  onTestFinished(() => {
    server.close();
  });
  const shop = start();
  await shop.open();
  await expect.poll(() => shop.said()).toContain("The shop is open without dynamodb-admin. Port");
  expect((await fetch(counter("/livez"))).status).toBe(200);
  expect(shop.said()).not.toContain(`http://127.0.0.1:${ports[4]}`);
});

test.each([
  [["--frsh"], {}, 2, "Unknown option '--frsh': npm start -- --help lists the options."],
  [
    ["--data", "/dev/null/here"],
    {},
    1,
    "The folder /dev/null/here/logs cannot be written (ENOTDIR): choose another with --data.",
  ],
  [[], { LEASE_SECONDS: "long" }, 1, 'LEASE_SECONDS is "long"; it must be'],
])("%j with %j: one sentence, exit code %i", async (args, env, code, sentence) => {
  const shop = start(args, env);
  expect(await shop.ended).toEqual([code, null]);
  expect(shop.said()).toContain(sentence);
  expect(shop.said().trim().split("\n")).toHaveLength(1);
});
