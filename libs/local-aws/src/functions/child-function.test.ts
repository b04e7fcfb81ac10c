import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { isAlive } from "../is-alive.fixture.ts";
import { startFunction } from "./start-function.ts";

const identity = {
  name: "shop-relay",
  arn: "arn:aws:lambda:us-east-1:000000000000:function:shop-relay",
  memoryMegabytes: 512,
};
const entry = fileURLToPath(new URL("./behaving.fixture.ts", import.meta.url));

function startUnbound({ timeoutSeconds = 30, entry: module = entry } = {}) {
  const env = { TOPIC_ARN: "arn:topic" };
  return startFunction({ entry: module, env: { EXTRA: "extra" } }, { identity, timeoutSeconds, env });
}

async function start(options: Parameters<typeof startUnbound>[0] = {}) {
  const runtime = await startUnbound(options);
  onTestFinished(() => runtime.close());
  return runtime;
}

/** For the tests that leave it fit for the next. */
let shared: Awaited<ReturnType<typeof start>>;
beforeAll(async () => {
  shared = await startUnbound();
});
afterAll(() => shared?.close());

const event = (eventID: string) => ({ Records: [{ eventID }] });

async function pidOf(runtime: Awaited<ReturnType<typeof start>>): Promise<unknown> {
  const result = await runtime.invoke(event("pid"), "r");
  return result.ok ? result.response : result.error;
}

test("one process serves one invocation after the other, and is not ours", async () => {
  const runtime = shared;
  const first = await pidOf(runtime);
  expect(first).toEqual({ pid: runtime.pid });
  expect(first).not.toEqual({ pid: process.pid });
  expect(await pidOf(runtime)).toEqual(first);
});

test("a function gets Lambda's context and its environment", async () => {
  const runtime = shared;
  expect(await runtime.invoke(event("context"), "request-1")).toEqual({
    ok: true,
    response: {
      requestId: "request-1",
      name: identity.name,
      arn: identity.arn,
      memory: "512",
      remaining: expect.toSatisfy((ms: number) => ms > 0 && ms <= 30_000),
      env: ["arn:topic", "extra", identity.name],
    },
  });
});

test("a function that throws fails the invocation and lives on", async () => {
  const runtime = shared;
  const before = await pidOf(runtime);
  expect(await runtime.invoke(event("throw"), "r")).toEqual({ ok: false, error: "thrown on purpose" });
  expect(await pidOf(runtime)).toEqual(before);
});

test.each(["hang", "spin"])(
  "a function that does not end (%s) is killed at its timeout, and the next one is new",
  async (how) => {
    const runtime = await start({ timeoutSeconds: 1 });
    await pidOf(runtime);
    const { pid = 0 } = runtime;
    expect(await runtime.invoke(event(how), "r")).toEqual({ ok: false, error: "Task timed out after 1 seconds" });
    expect(isAlive(pid)).toBe(false);
    expect(await pidOf(runtime)).not.toEqual({ pid });
  },
);

test("a function that dies fails its invocation at once and is started again", async () => {
  const runtime = shared;
  expect(await runtime.invoke(event("exit"), "r")).toEqual({
    ok: false,
    error: "the function's process ended with exit code 7",
  });
  expect(await pidOf(runtime)).toEqual({ pid: runtime.pid });
});

test("a function that was killed between invocations is started again", async () => {
  const runtime = shared;
  await pidOf(runtime);
  const { pid = 0 } = runtime;
  process.kill(pid, "SIGKILL");
  // Whether the host has noticed yet or not: at worst one invocation fails, and the event source repeats it.
  await expect.poll(() => pidOf(runtime)).toEqual({ pid: expect.not.toSatisfy((now: number) => now === pid) });
});

test("a module that cannot be loaded fails each invocation with the reason", async () => {
  const missing = await start({ entry: "/nowhere/handler.ts" });
  const result = await missing.invoke(event("pid"), "r");
  expect(result).toEqual({ ok: false, error: expect.stringContaining("/nowhere/handler.ts") });
  expect(await missing.invoke(event("pid"), "r")).toEqual(result);
  const without = await start({ entry: fileURLToPath(new URL("./function-spec.ts", import.meta.url)) });
  const error = expect.stringContaining("does not export a function named handler");
  expect(await without.invoke(event("pid"), "r")).toEqual({ ok: false, error });
});

test("closing ends the process, also in the middle of an invocation", async () => {
  const runtime = await start();
  await pidOf(runtime);
  const { pid = 0 } = runtime;
  const invocation = runtime.invoke(event("hang"), "r");
  const waiting = runtime.invoke(event("pid"), "r");
  await runtime.close();
  expect((await invocation).ok).toBe(false);
  expect(isAlive(pid)).toBe(false);
  expect(await waiting).toEqual({ ok: false, error: "the function was closed" });
});

test("invocations that come together are served one after the other", async () => {
  const runtime = await start({ timeoutSeconds: 1 });
  const hanging = runtime.invoke(event("hang"), "first");
  const next = runtime.invoke(event("pid"), "second");
  expect(await hanging).toEqual({ ok: false, error: "Task timed out after 1 seconds" });
  // Had they shared the process, the first one's timeout would have killed the second.
  expect(await next).toEqual({ ok: true, response: { pid: runtime.pid } });
});
