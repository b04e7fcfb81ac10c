import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { fileURLToPath } from "node:url";
import { describe, expect, onTestFinished, test } from "vitest";
import { eventually } from "../app.fixture.ts";
import { RawClient } from "../raw-client.fixture.ts";

interface Running {
  readonly child: ChildProcess;
  /** Every log line so far, parsed. */
  readonly lines: () => Record<string, unknown>[];
  readonly stderr: () => string;
  /** Resolves with the log line that has this message. */
  said(msg: string): Promise<Record<string, unknown>>;
  /** Resolves with the exit code when the process and its output have ended. */
  readonly ended: Promise<number | null>;
}

/** Starts the fixture as a supervisor does: stdout read, an IPC channel held; with so many files it may have open. */
function start(env: Record<string, string> = {}, openFiles?: number): Running {
  const program = fileURLToPath(new URL("./run-service.fixture.ts", import.meta.url));
  const shell = `ulimit -n ${openFiles ?? "$(ulimit -n)"} && exec "$0" "$1"`;
  const child = spawn("sh", ["-c", shell, process.execPath, program], {
    env: { PATH: process.env.PATH, NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE, ...env },
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  let stdout = "";
  let stderr = "";
  child.stdout?.on("data", (chunk) => {
    stdout += chunk;
  });
  child.stderr?.on("data", (chunk) => {
    stderr += chunk;
  });
  const lines = () =>
    stdout
      .split("\n")
      .slice(0, -1)
      .map((line) => JSON.parse(line));
  return {
    child,
    lines,
    stderr: () => stderr,
    said: (msg) => eventually(() => lines().find((line) => line.msg === msg)),
    ended: once(child, "close").then(([code]) => code),
  };
}

describe("a service that starts", () => {
  test.for(["info", "silent"])("says where it listens, in one JSON line, also with LOG_LEVEL=%s", async (LOG_LEVEL) => {
    const service = start({ LOG_LEVEL });
    const { url } = await service.said("listening");
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:[1-9]\d*$/);
    expect((await fetch(`${url}/readyz`)).status).toBe(200);
  });

  test.for(["SIGTERM", "SIGINT"] as const)(
    "on %s drains, answers waiting callers, and exits with 0",
    async (signal) => {
      const service = start();
      const { url } = await service.said("listening");
      const caller = fetch(`${url}/wait`);
      await service.said("a caller waits");
      service.child.kill(signal);
      expect(await (await caller).json()).toBe("released");
      expect(await service.ended).toBe(0);
      expect(service.lines().at(-1)).toMatchObject({ msg: "drained", name: "tiny" });
    },
  );

  test("still answers after the signal to stop, and is not ready: balancers have time to see it", async () => {
    const service = start({ DRAIN_DELAY_MS: "3000" });
    const { url } = await service.said("listening");
    service.child.kill("SIGTERM");
    await service.said("draining");
    const { status } = await fetch(`${url}/readyz`, { headers: { connection: "close" } });
    expect(status).toBe(503);
    expect(await service.ended).toBe(0);
  });

  test("exits with 1 when it does not drain in time, whatever further signals come", async () => {
    const service = start({ FATE: "stuck", DRAIN_SECONDS: "1" });
    await service.said("listening");
    service.child.kill("SIGTERM");
    await service.said("draining");
    // Ctrl-C reaches every process of a terminal, beside what their supervisor sends.
    service.child.kill("SIGINT");
    expect(await service.ended).toBe(1);
    expect(service.lines().filter(({ msg }) => msg === "draining")).toHaveLength(1);
    expect(service.lines().at(-1)).toMatchObject({
      level: "error",
      msg: "not drained within the 1 s of DRAIN_SECONDS",
    });
  });

  test("exits when its supervisor is gone", async () => {
    const service = start({ FATE: "stuck" });
    await service.said("listening");
    // Node never emits "close" for a child whose channel its parent has closed.
    const exited = once(service.child, "exit");
    service.child.disconnect();
    expect(await exited).toEqual([1, null]);
  });

  test("exits with 1 on an error that nobody caught, and logs it", async () => {
    const service = start();
    const { url } = await service.said("listening");
    await fetch(`${url}/bug`).catch(() => {});
    expect(await service.ended).toBe(1);
    expect(service.lines().at(-1)).toMatchObject({ level: "fatal", err: { message: "uncaught: swordfish" } });
  });
});

test("a service that is full, by its limit of open files, says so once, answers probes, and serves other addresses", async () => {
  const service = start({ HOST: "::" }, 256);
  const { url } = await service.said("listening");
  const { port } = new URL(String(url));
  const callers = Array.from({ length: 280 }, () =>
    new RawClient(Number(port)).send(["GET /wait HTTP/1.1", "Host: x"]).reading(),
  );
  await Promise.all(callers.map(({ socket }) => once(socket, "connect")));
  const statusAt = async (host: string, path: string) => (await fetch(`http://${host}:${port}${path}`)).status;
  for (const path of ["/livez", "/readyz"]) expect(await statusAt("127.0.0.1", path)).toBe(200);
  expect(await statusAt("[::1]", "/nowhere")).toBe(404);
  await eventually(() => (callers.some(({ text }) => text.startsWith("HTTP/1.1 503 ")) ? true : undefined));
  const full = service.lines().filter(({ openFiles }) => openFiles !== undefined);
  expect(full).toMatchObject([{ level: "warn", openFiles: 256, connections: 96 }]);
  // Beyond the probes' room, the oldest in it give way, unanswered when they are many at once. One gave way to "[::1]".
  const waiting = callers.filter(({ isClosed }) => !isClosed);
  expect(waiting.length).toBeGreaterThanOrEqual(95);
});

describe("a service that does not start", () => {
  test("for a reason the operator can remove says one sentence and exits with 1", async () => {
    const service = start({ PORT: "coffee" });
    expect(await service.ended).toBe(1);
    expect(service.stderr()).toBe('PORT is "coffee"; it must be a port from 0 to 65535, where 0 picks a free one.\n');
    expect(service.lines()).toEqual([]);
  });

  test("because it would have no time left to drain says one sentence and exits with 1", async () => {
    const service = start({ DRAIN_SECONDS: "1", DRAIN_DELAY_MS: "1000" });
    expect(await service.ended).toBe(1);
    expect(service.stderr()).toBe("DRAIN_DELAY_MS is 1000; it must be less than the 1 s of DRAIN_SECONDS.\n");
  });

  test("because its port is taken says one sentence and exits with 1", async () => {
    const taken = createServer().listen(0, "127.0.0.1");
    await once(taken, "listening");
    onTestFinished(() => void taken.close());
    const address = taken.address();
    const PORT = String(typeof address === "object" ? address?.port : "");
    const service = start({ PORT });
    expect(await service.ended).toBe(1);
    expect(service.stderr()).toMatch(new RegExp(`^PORT ${PORT} on 127\\.0\\.0\\.1 is taken: .*\\.\\n$`));
  });

  test("because of a bug logs it with its stack and exits with 1", async () => {
    const service = start({ FATE: "bug-at-start" });
    expect(await service.ended).toBe(1);
    const stack = expect.stringContaining("run-service.fixture");
    expect(service.lines()).toMatchObject([{ level: "fatal", err: { message: "cannot start: swordfish", stack } }]);
  });

  test.for([
    ["drains at once", "waits-at-start", "drained"],
    ["has nothing to drain if its start ends with the signal,", "stops-at-start", "stopped before it listened"],
  ] as const)("before it is told to stop %s and exits with 0", async ([, FATE, last]) => {
    const service = start({ FATE });
    await service.said("waiting");
    service.child.kill("SIGTERM");
    expect(await service.ended).toBe(0);
    expect(service.lines().at(-1)).toMatchObject({ level: "info", msg: last });
  });
});
