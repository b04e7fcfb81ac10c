import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, onTestFinished, test } from "vitest";
import { spawnGuarded } from "./guarded-process.ts";
import { isAlive } from "./is-alive.fixture.ts";

const diesWithParent = new URL("./guarded-process.ts", import.meta.url).href;

/** A Node process that starts a guarded one and prints its pid. */
async function parentOf(command: string, ...args: string[]) {
  const script = `
    const { spawnGuarded } = await import(${JSON.stringify(diesWithParent)});
    const guarded = await spawnGuarded(${JSON.stringify(command)}, ${JSON.stringify(args)}, { output: "share" });
    process.stdout.write(guarded.pid + "\\n");
    setInterval(() => {}, 1000);`;
  const parent = spawn(process.execPath, ["--input-type=module", "-e", script], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  onTestFinished(() => void parent.kill("SIGKILL"));
  const [line] = await once(parent.stdout, "data");
  return { parent, guarded: Number(String(line)) };
}

test("a guarded dies with a parent that is killed with SIGKILL", async () => {
  const { parent, guarded } = await parentOf("sleep", "300");
  expect(isAlive(guarded)).toBe(true);
  parent.kill("SIGKILL");
  await expect.poll(() => isAlive(guarded)).toBe(false);
});

test("a guarded that takes no notice of SIGTERM and of closed pipes dies with its parent too", async () => {
  const { parent, guarded } = await parentOf("sh", "-c", "trap '' TERM HUP PIPE; while :; do sleep 1; done");
  parent.kill("SIGKILL");
  await expect.poll(() => isAlive(guarded)).toBe(false);
});

test("its exit code is the command's, 128 and more after a signal", async () => {
  const exits = await spawnGuarded("sh", ["-c", "exit 3"], { output: "share" });
  expect(await exits.exited).toBe(3);
  const killed = await spawnGuarded("sleep", ["300"], { output: "share" });
  killed.kill("SIGTERM");
  expect(await killed.exited).toBe(128 + 15);
});

test("killing one that is gone is no error", async () => {
  const guarded = await spawnGuarded("true", [], { output: "share" });
  await guarded.exited;
  expect(() => guarded.kill("SIGTERM")).not.toThrow();
});
