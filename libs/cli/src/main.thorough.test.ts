import { spawn } from "node:child_process";
import { once } from "node:events";
import { open } from "node:fs/promises";
import type { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { type LocalAws, startLocalAws } from "@doubleshot/local-aws";
import { shopOf } from "@doubleshot/operations";
import { serveHttp } from "@doubleshot/service-kit/testing";
import { coffeeShop } from "@doubleshot/shop";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { eventually, TestShop } from "../../operations/src/test-shop.fixture.ts";
import { type Env, gone } from "./run-command.fixture.ts";

// The command as a process: exit codes, signals, a full disk, a closed pipe. run.ts does the rest in any process.

const bin = fileURLToPath(new URL("../bin/doubleshot.js", import.meta.url));

let aws: LocalAws;
let shop: TestShop;
beforeAll(async () => {
  aws = await startLocalAws({ topology: coffeeShop.topology });
  shop = new TestShop(shopOf(coffeeShop.topology, "doubleshot", aws.clients));
});
afterAll(() => aws?.close());

/** Starts the command with no other settings than these; those of the embedded AWS by default. */
function start(args: readonly string[], { env = aws.env as Env, stdout = "pipe" as "pipe" | number } = {}) {
  return spawn(process.execPath, [bin, ...args], {
    env: { PATH: process.env.PATH ?? "", NO_COLOR: "1", ...env },
    stdio: ["ignore", stdout, "pipe"],
  });
}

type Started = ReturnType<typeof start>;

async function ended(child: Started) {
  const all = [child.stdout && text(child.stdout), text(child.stderr as Readable), once(child, "close")] as const;
  const [stdout, stderr, [code, signal]] = await Promise.all(all);
  return { code, signal, stdout, stderr };
}

test.each([
  [["status", "--json"], {}, 0, /^\{/, /^$/],
  [["audit"], { SHOP: "other" }, 1, /^$/, /^Table other-[^\n]+\.\n$/],
  [["brew"], {}, 2, /^$/, /^There is no command "brew": [^\n]+\.\n$/],
] as const)("%j with %j ends with code %i", async (args, env, code, stdout, stderr) => {
  expect(await ended(start(args, { env: { ...aws.env, ...env } }))).toEqual({
    code,
    signal: null,
    stdout: expect.stringMatching(stdout),
    stderr: expect.stringMatching(stderr),
  });
});

test.each(["SIGINT", "SIGTERM"] as const)(
  "%s ends it between two messages, and the same command goes on",
  async (signal) => {
    const aggregate = `order#slow-${signal}`;
    const events = 10;
    for (let version = 1; version <= events; version++) await shop.commit(aggregate, version, `${version}`);
    const queue = "barista-subscriber.fifo";
    const args = ["replay", "--from", "1h", "--aggregate", aggregate, "--queue", queue, "--execute", "--json"];
    const before = await shop.depth(queue);
    const child = start([...args, "--rate", "1"]);
    const end = ended(child);
    await expect.poll(async () => (await shop.depth(queue)) > before, eventually).toBe(true);
    child.kill(signal);
    // npm sends a Ctrl-C twice. The second signal can only end a process that has finished.
    if (signal === "SIGINT") child.kill(signal);
    const { stderr, code, signal: endedBy } = await end;
    expect(stderr).toMatch(/Interrupted: what was done is done\.\n$/);
    expect([1, ...(signal === "SIGINT" ? [signal] : [])]).toContain(code ?? endedBy);
    expect((await shop.depth(queue)) - before).toBeLessThan(events);
    const { stdout } = await ended(start(args));
    expect(JSON.parse(stdout ?? "")).toMatchObject({ executed: true, events });
  },
);

describe("output that cannot be written", () => {
  test.each([[["status"]], [["status", "--json"]], [["--help"]]])(
    "%j into a full disk fails with a sentence",
    async (args) => {
      await using full = await open("/dev/full", "w");
      const { code, stderr } = await ended(start(args, { stdout: full.fd }));
      expect(code).toBe(1);
      expect(stderr).toMatch(/^The output cannot be written \(ENOSPC[^\n]*\)[^\n]*[.]\n$/m);
    },
  );

  test("a pipe whose reader closes it early is no failure", async () => {
    const child = start(["status"]);
    child.stdout?.destroy();
    const [stderr, [code]] = await Promise.all([text(child.stderr as Readable), once(child, "close")]);
    expect([code, stderr]).toEqual([0, ""]);
  });
});

test("a call to a service on this machine takes no proxy, although the environment names one", async () => {
  const url = await serveHttp((_request, response) => response.end());
  const proxy = { HTTP_PROXY: gone, http_proxy: gone, HTTPS_PROXY: gone, https_proxy: gone, NODE_USE_ENV_PROXY: "1" };
  const { code, stdout } = await ended(start(["status", "--json"], { env: { ...aws.env, ...proxy, ORDERS_URL: url } }));
  expect(code).toBe(0);
  expect(JSON.parse(stdout ?? "").endpoints).toEqual([{ service: "orders", url, ready: true, detail: "ready" }]);
});
