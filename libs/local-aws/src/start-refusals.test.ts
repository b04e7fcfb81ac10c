import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { type LocalAwsOptions, startLocalAws } from "./local-aws.ts";
import { newFolder } from "./processes.fixture.ts";
import { StartRefusedError } from "./start-refused.ts";

async function takenPort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  onTestFinished(() => void server.close());
  await once(server, "listening");
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : 0;
}

/** The sentence that a start is refused with. */
async function refusal(options: LocalAwsOptions): Promise<string> {
  const error = await startLocalAws(options).then(
    (aws) => aws.close(),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(StartRefusedError);
  const { message } = error as StartRefusedError;
  expect(message).toMatch(/^[A-Z][^\n]*\.$/);
  return message;
}

test.each([
  ["DYNAMODB_PORT", "dynamodb"],
  ["MESSAGING_PORT", "messaging"],
])("a port that is taken is named, and %s with it", async (variable, part) => {
  const port = await takenPort();
  const sentence = await refusal({ ports: { [part]: port } });
  expect(sentence).toContain(`Port ${port}`);
  expect(sentence).toContain(variable);
});

test("a data folder that cannot be made is named", async () => {
  const file = join(newFolder(), "file");
  writeFileSync(file, "");
  expect(await refusal({ data: join(file, "data") })).toContain(join(file, "data"));
});

test("a file of tables that is no database is named, and the remedy", async () => {
  const data = newFolder();
  writeFileSync(join(data, "dynamodb.db"), "no database".repeat(1_000));
  const sentence = await refusal({ data });
  expect(sentence).toContain(join(data, "dynamodb.db"));
  expect(sentence).toMatch(/--fresh, .*--data\.$/);
});

test("a dynoxide that cannot be run is named", async () => {
  vi.stubEnv("DYNOXIDE", "/nowhere/dynoxide");
  onTestFinished(() => void vi.unstubAllEnvs());
  expect(await refusal({})).toContain("/nowhere/dynoxide");
});
