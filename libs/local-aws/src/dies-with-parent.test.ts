import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, onTestFinished, test } from "vitest";
import { spawnWard } from "./dies-with-parent.ts";
import { isAlive } from "./is-alive.fixture.ts";

const diesWithParent = new URL("./dies-with-parent.ts", import.meta.url).href;

/** A Node process that starts a ward and says its pid. */
async function parentOf(command: string, ...args: string[]) {
  const script = `
    const { spawnWard } = await import(${JSON.stringify(diesWithParent)});
    const ward = await spawnWard(${JSON.stringify(command)}, ${JSON.stringify(args)}, { output: "share" });
    process.stdout.write(ward.pid + "\\n");
    setInterval(() => {}, 1000);`;
  const parent = spawn(process.execPath, ["--input-type=module", "-e", script], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  onTestFinished(() => void parent.kill("SIGKILL"));
  const [line] = await once(parent.stdout, "data");
  return { parent, ward: Number(String(line)) };
}

test("a ward dies with a parent that is killed with SIGKILL", async () => {
  const { parent, ward } = await parentOf("sleep", "300");
  expect(isAlive(ward)).toBe(true);
  parent.kill("SIGKILL");
  await expect.poll(() => isAlive(ward)).toBe(false);
});

test("a ward that takes no notice of SIGTERM and of closed pipes dies with its parent too", async () => {
  const { parent, ward } = await parentOf("sh", "-c", "trap '' TERM HUP PIPE; while :; do sleep 1; done");
  parent.kill("SIGKILL");
  await expect.poll(() => isAlive(ward)).toBe(false);
});

test("its exit code is the command's, 128 and more after a signal", async () => {
  const exits = await spawnWard("sh", ["-c", "exit 3"], { output: "share" });
  expect(await exits.exited).toBe(3);
  const killed = await spawnWard("sleep", ["300"], { output: "share" });
  killed.kill("SIGTERM");
  expect(await killed.exited).toBe(128 + 15);
});

test("killing one that is gone is no error", async () => {
  const ward = await spawnWard("true", [], { output: "share" });
  await ward.exited;
  expect(() => ward.kill("SIGTERM")).not.toThrow();
});
