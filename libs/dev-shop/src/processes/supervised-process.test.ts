import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from "vitest";
import { freePorts } from "../ports.ts";
import { SupervisedProcess, type Supervision } from "./supervised-process.ts";

/** Serves its pid like every part of the shop: it reads PORT, prints a line when it listens, and ends with its supervisor. */
const server = `
const { createServer } = await import("node:http");
process.on("disconnect", () => process.exit(0));
const port = Number(process.env.PORT);
createServer((_, answer) => answer.end(String(process.pid))).listen(port, "127.0.0.1", () => {
  console.log(JSON.stringify({ level: 30, msg: "listening", url: "http://127.0.0.1:" + port }));
});
`;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "supervised-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function program(source: string, supervision: Partial<Supervision> = {}) {
  const entry = join(folder, "program.mjs");
  writeFileSync(entry, source);
  const [port] = await freePorts(1);
  const reports: string[] = [];
  const supervised = new SupervisedProcess(
    { name: "teapot", entry, env: { PORT: String(port) } },
    { restart: true, report: (line) => reports.push(line), ...supervision },
  );
  onTestFinished(async () => {
    await supervised.stop(0);
  });
  return { supervised, reports, url: `http://127.0.0.1:${port}` };
}

const text = async (url: string) => (await fetch(url, { headers: { connection: "close" } })).text();
const alive = (pid: number) => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};
const gone = (pid: number) => expect.poll(() => alive(pid)).toBe(false);

test("is up after its listening line, and stops at SIGTERM", async () => {
  const { supervised, url } = await program(server);
  expect((await supervised.start()).url).toBe(url);
  expect(await text(url)).toBe(String(supervised.pid));
  expect(await supervised.stop(5_000)).toBe(true);
  expect(alive(supervised.pid)).toBe(false);
});

test("returns on its own port after a kill, as another process, and reports it", async () => {
  const { supervised, reports, url } = await program(server);
  await supervised.start();
  const first = supervised.pid;
  await supervised.kill();
  await supervised.up();
  expect(supervised.pid).not.toBe(first);
  expect(await text(url)).toBe(String(supervised.pid));
  expect(reports[0]).toBe("teapot was killed by SIGKILL: starting it again");
  expect(reports[1]).toMatch(/^teapot is back \(\d+ ms\)$/);
});

test("is started as often as it dies, also while it is starting", async () => {
  const { supervised, url } = await program(server);
  await supervised.start();
  for (let kill = 0; kill < 4; kill++) {
    await supervised.kill();
    await supervised.kill();
  }
  await supervised.up();
  expect(await text(url)).toBe(String(supervised.pid));
});

test("rests longer from one failure to the next, until it was up for a while", async () => {
  vi.useFakeTimers({ toFake: ["performance"] });
  const timers = vi.spyOn(globalThis, "setTimeout");
  onTestFinished(() => {
    timers.mockRestore();
    vi.useRealTimers();
  });
  const { supervised } = await program(server);
  await supervised.start();
  for (const secondsUp of [1, 1, 1, 6, 1]) {
    vi.advanceTimersByTime(secondsUp * 1_000);
    await supervised.kill();
    await supervised.up();
  }
  const rests = timers.mock.calls.filter(([callback]) => callback.name === "wake").map(([, delay]) => delay);
  expect(rests).toEqual([50, 100, 200, 0, 50]);
});

test("a first start that fails throws the one sentence of the process", async () => {
  const { supervised, reports } = await program(`console.error("TEA must be green or black."); process.exit(1);`);
  await expect(supervised.start()).rejects.toThrow(/^TEA must be green or black\.$/);
  expect(reports).toEqual([]);
});

test("a first start that crashes throws how it ended and the end of its output", async () => {
  const { supervised } = await program(`throw new Error("boiled over");`);
  await expect(supervised.start()).rejects.toThrow(/^teapot ended with code 1 before it was ready\.[\s\S]*boiled over/);
});

test("a restart that fails is tried again, and its error is reported", async () => {
  const { supervised, reports } = await program(`
import { existsSync, writeFileSync } from "node:fs";
const lives = ["first", "second"].findIndex((life) => !existsSync(import.meta.dirname + "/" + life));
if (lives >= 0) writeFileSync(import.meta.dirname + "/" + ["first", "second"][lives], "");
if (lives === 1) { console.error("The milk is out."); process.exit(1); }
${server}`);
  await supervised.start();
  await supervised.kill();
  await supervised.up();
  expect(reports.slice(0, 2)).toEqual([
    "teapot was killed by SIGKILL: starting it again",
    "teapot ended with code 1 (The milk is out.): starting it again",
  ]);
});

test("without restart it stays down until up() is called", async () => {
  const { supervised, reports, url } = await program(server, { restart: false });
  await supervised.start();
  await supervised.kill();
  await expect(text(url)).rejects.toThrow();
  await supervised.up();
  expect(await text(url)).toBe(String(supervised.pid));
  expect(reports).toEqual([]);
});

test("stops a frozen process and one that ignores SIGTERM when the deadline has passed", async () => {
  const frozen = await program(server);
  await frozen.supervised.start();
  frozen.supervised.suspend();
  expect(await frozen.supervised.stop(10_000)).toBe(true);

  const deaf = await program(`${server}; process.on("SIGTERM", () => console.log("no"));`);
  await deaf.supervised.start();
  expect(await deaf.supervised.stop(200)).toBe(false);
  expect(alive(deaf.supervised.pid)).toBe(false);
});

test("a suspended process answers nothing until it is resumed", async () => {
  const { supervised, url } = await program(server);
  await supervised.start();
  supervised.suspend();
  const answer = text(url);
  await expect(fetch(url, { signal: AbortSignal.timeout(300) })).rejects.toThrow(/timeout/);
  supervised.resume();
  expect(await answer).toBe(String(supervised.pid));
});

test("stop during the pause before a restart leaves nothing behind", async () => {
  const { supervised } = await program(server);
  await supervised.start();
  const { pid } = supervised;
  await supervised.kill();
  expect(await supervised.stop(5_000)).toBe(true);
  expect(supervised.pid).toBe(pid);
  await expect(supervised.up()).rejects.toThrow("teapot has been stopped.");
});

test("its own children die with it", async () => {
  const parent = `
import { spawn } from "node:child_process";
const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], { stdio: "inherit" });
console.log(JSON.stringify({ msg: "listening", child: child.pid }));
`;
  const { supervised } = await program(parent, { restart: false });
  const grandchild = Number((await supervised.start()).child);
  expect(alive(grandchild)).toBe(true);
  await supervised.kill();
  await gone(grandchild);
});

test("keeps its output, over all its lives", async () => {
  const { supervised } = await program(server);
  await supervised.start();
  await supervised.kill();
  await supervised.up();
  expect(supervised.output()).toHaveLength(2);
  expect(new Set(supervised.output().map((line) => JSON.parse(line).msg))).toEqual(new Set(["listening"]));
});
