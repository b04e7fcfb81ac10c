import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { isAlive } from "../is-alive.fixture.ts";
import { newFolder } from "../processes.fixture.ts";
import { startDynoxide } from "./dynoxide.ts";
import { findDynoxide } from "./find-dynoxide.ts";
import { endOrphans } from "./orphans.ts";

/** A dynoxide without a guard. */
async function stray({ host = "127.77.0.1", port, file }: { host?: string; port: number; file: string }) {
  const args = ["--host", host, "--port", String(port), "--db-path", file];
  const child = spawn(findDynoxide(), args, { stdio: ["ignore", "ignore", "pipe"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  await once(child.stderr, "data");
  return child.pid ?? 0;
}

test.runIf(process.platform === "linux")("ends what has the shop's file or address, and nothing else", async () => {
  const folder = newFolder();
  const file = join(folder, "a shop.db");
  const [ours, others] = [
    await stray({ port: 17_301, file }),
    await stray({ port: 17_302, file: join(folder, "other.db") }),
  ];
  await endOrphans({ file });
  expect(isAlive(ours)).toBe(false);
  expect(isAlive(others)).toBe(true);
  await endOrphans({ file: join(folder, "third.db"), host: "127.77.0.2" });
  expect(isAlive(others)).toBe(true);
  await endOrphans({ host: "127.77.0.1" });
  expect(isAlive(others)).toBe(false);
});

test.runIf(process.platform === "linux")("a start ends the orphan that has its file", async () => {
  const file = join(newFolder(), "shop.db");
  const orphan = await stray({ port: 17_303, file });
  const dynoxide = await startDynoxide({ port: 0, file });
  onTestFinished(() => dynoxide.close());
  expect(isAlive(orphan)).toBe(false);
});

test.runIf(process.platform === "linux")("a start ends the orphan that has its address", async () => {
  const first = await startDynoxide({ port: 0 });
  const { hostname: host, port } = new URL(first.directUrl);
  await first.close();
  const orphan = await stray({ host, port: Number(port), file: join(newFolder(), "other.db") });
  const dynoxide = await startDynoxide({ port: Number(new URL(first.url).port) });
  onTestFinished(() => dynoxide.close());
  expect(isAlive(orphan)).toBe(false);
  expect(dynoxide.directUrl).toBe(first.directUrl);
});

test.runIf(process.platform === "linux")("leaves a program alone that only names the file", async () => {
  const file = join(newFolder(), "shop.db");
  const editor = spawn("sh", ["-c", "sleep 300", "sh", "--db-path", file], { stdio: "ignore" });
  onTestFinished(() => void editor.kill("SIGKILL"));
  await once(editor, "spawn");
  await endOrphans({ file });
  expect(isAlive(editor.pid ?? 0)).toBe(true);
});
