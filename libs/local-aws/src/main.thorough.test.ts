import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { isAlive } from "./is-alive.fixture.ts";
import { failToStart, newFolder, startProcess } from "./processes.fixture.ts";

const entry = fileURLToPath(new URL("./functions/behaving.fixture.ts", import.meta.url));
const FUNCTIONS = JSON.stringify({ "orders-outbox-relay": { entry } });

async function expectAllGone({ pids }: Awaited<ReturnType<typeof startProcess>>) {
  expect(pids.dynoxide).toBeGreaterThan(0);
  await expect.poll(() => isAlive(pids.dynoxide)).toBe(false);
  expect(Object.values(pids.functions)).not.toEqual([]);
  for (const pid of Object.values(pids.functions)) await expect.poll(() => isAlive(pid)).toBe(false);
}

test("a refused start is one sentence and exit code 1", async () => {
  const { code, stdout, stderr } = await failToStart({ DYNAMODB_PORT: "eight thousand" });
  expect([code, stdout]).toEqual([1, ""]);
  expect(stderr).toMatch(/^DYNAMODB_PORT [^\n]*\.\n$/);
});

test("Ctrl-C is left to the supervisor, and SIGTERM stops it cleanly, children included", async () => {
  const aws = await startProcess({ DATA: newFolder(), FUNCTIONS });
  aws.process.kill("SIGINT");
  aws.process.kill("SIGTERM");
  expect(await aws.ended).toBe(0);
  await expectAllGone(aws);
});

test("it holds its data folder until it is killed, and SIGKILL leaves no process behind", async () => {
  const data = newFolder();
  const holder = await startProcess({ DATA: data, FUNCTIONS });
  const { code, stderr } = await failToStart({ DATA: data });
  expect(stderr).toMatch(/^[A-Z][^\n]*\.\n$/);
  expect(stderr).toContain(data);
  expect(stderr).toContain(`process ${holder.process.pid}`);
  expect(code).toBe(1);
  holder.process.kill("SIGKILL");
  await holder.ended;
  await expectAllGone(holder);
  const next = await startProcess({ DATA: data, FUNCTIONS: "{}" });
  expect(next.endpoints.dynamodb).toMatch(/^http:/);
});

test("it ends when the process that started it is gone", async () => {
  const aws = await startProcess({ FUNCTIONS });
  aws.process.disconnect();
  await aws.ended;
  await expectAllGone(aws);
});

test("by default each mapping runs the relay; when dynoxide dies it ends with one sentence, for its supervisor to start both", async () => {
  const aws = await startProcess();
  expect(Object.values(aws.pids.functions).every(isAlive)).toBe(true);
  expect(Object.keys(aws.pids.functions)).toContain("orders-outbox-relay");
  process.kill(aws.pids.dynoxide, "SIGKILL");
  expect(await aws.ended).toBe(1);
  await expect.poll(aws.output).toContain(`dynoxide (pid ${aws.pids.dynoxide}) ended with exit code 137`);
});
