import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { isAlive } from "./is-alive.fixture.ts";
import { failToStart, newFolder, startProcess } from "./processes.fixture.ts";

async function takenPort(): Promise<string> {
  const server = createServer().listen(0, "127.0.0.1");
  onTestFinished(() => void server.close());
  await once(server, "listening");
  const address = server.address();
  return String(typeof address === "object" && address !== null ? address.port : 0);
}

const oneSentence = /^[A-Z][^\n]*\.\n$/;

test.each(["DYNAMODB_PORT", "MESSAGING_PORT"])(
  "a taken %s ends the start with one sentence that names it",
  async (name) => {
    const port = await takenPort();
    const { code, stderr } = await failToStart({ [name]: port });
    expect(stderr).toMatch(oneSentence);
    expect(stderr).toContain(`Port ${port}`);
    expect(stderr).toContain(name);
    expect(code).toBe(1);
  },
);

test("a data folder that cannot be made ends the start with one sentence that names it", async () => {
  const file = join(newFolder(), "file");
  writeFileSync(file, "");
  const { code, stderr } = await failToStart({ DATA: join(file, "data") });
  expect(stderr).toMatch(oneSentence);
  expect(stderr).toContain(join(file, "data"));
  expect(code).toBe(1);
});

test("a data folder held by a live process ends the start with one sentence that names both", async () => {
  const data = newFolder();
  const holder = await startProcess({ DATA: data });
  const { code, stderr } = await failToStart({ DATA: data });
  expect(stderr).toMatch(oneSentence);
  expect(stderr).toContain(data);
  expect(stderr).toContain(`process ${holder.process.pid}`);
  expect(code).toBe(1);
});

test("a data folder whose holder was killed is free again", async () => {
  const data = newFolder();
  const first = await startProcess({ DATA: data });
  first.process.kill("SIGKILL");
  await first.ended;
  const second = await startProcess({ DATA: data });
  expect(second.endpoints.dynamodb).toMatch(/^http:/);
});

test("a bad variable ends the start with one sentence that names it", async () => {
  const { code, stderr } = await failToStart({ DYNAMODB_PORT: "eight thousand" });
  expect(stderr).toMatch(oneSentence);
  expect(stderr).toContain("DYNAMODB_PORT");
  expect(code).toBe(1);
});

test("without dynoxide the start ends with one sentence that says what to do", async () => {
  const { code, stderr } = await failToStart({ DYNOXIDE: "/nowhere/dynoxide" });
  expect(stderr).toMatch(oneSentence);
  expect(stderr).toContain("dynoxide");
  expect(code).toBe(1);
});

test("SIGTERM stops it cleanly, children included", async () => {
  const aws = await startProcess({ DATA: newFolder() });
  aws.process.kill("SIGTERM");
  expect(await aws.ended).toBe(0);
  await expectAllGone(aws);
});

test("Ctrl-C is left to the supervisor", async () => {
  const aws = await startProcess();
  aws.process.kill("SIGINT");
  aws.process.kill("SIGTERM");
  expect(await aws.ended).toBe(0);
});

test("SIGKILL leaves no process behind", async () => {
  const aws = await startProcess();
  aws.process.kill("SIGKILL");
  await aws.ended;
  await expectAllGone(aws);
});

test("it ends when the process that started it is gone", async () => {
  const aws = await startProcess();
  aws.process.disconnect();
  await aws.ended;
  await expectAllGone(aws);
});

test("when dynoxide dies it ends with one sentence, for its supervisor to start both", async () => {
  const aws = await startProcess();
  process.kill(aws.pids.dynoxide, "SIGKILL");
  expect(await aws.ended).toBe(1);
  await expect.poll(aws.output).toContain(`dynoxide (pid ${aws.pids.dynoxide}) ended with exit code 137`);
});

async function expectAllGone({ pids }: Awaited<ReturnType<typeof startProcess>>) {
  await expect.poll(() => isAlive(pids.dynoxide)).toBe(false);
  for (const pid of Object.values(pids.functions)) await expect.poll(() => isAlive(pid)).toBe(false);
}
