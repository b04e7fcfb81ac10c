import { execFile } from "node:child_process";
import { mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

// Type tests show that a mistake does not compile. These tests show the compiler's message for it.

const root = fileURLToPath(new URL("../../../../", import.meta.url));
const wrong = {
  "a Date": `defineEvent("A", { version: 1, schema: z.object({ at: z.date() }) });`,
  "a bigint": `defineEvent("A", { version: 1, schema: z.object({ n: z.bigint() }) });`,
  "a Date, alone": `defineEvent("A", { version: 1, schema: z.date() });`,
  "a Map, deep inside": `defineEvent("A", { version: 1, schema: z.array(z.object({ m: z.map(z.string(), z.string()) })) });`,
  "undefined in an array": `defineEvent("A", { version: 1, schema: z.array(z.string().optional()) });`,
  "a class with methods": `class Money { double() {} }; defineEvent("A", { version: 1, schema: z.instanceof(Money) });`,
};

let folder: string;
/** The compiler's errors by line. */
let errors: string[];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "type-errors-"));
  await symlink(join(root, "node_modules"), join(folder, "node_modules"));
  const lines = Object.values(wrong);
  const head = `import { defineEvent } from "@doubleshot/messaging"; import { z } from "zod";`;
  await writeFile(join(folder, "wrong.ts"), [head, ...lines].join("\n"));
  await writeFile(
    join(folder, "tsconfig.json"),
    JSON.stringify({ extends: join(root, "tsconfig.json"), compilerOptions: { types: [] }, include: ["wrong.ts"] }),
  );
  const tsc = join(root, "node_modules/.bin/tsc");
  const output = await new Promise<string>((resolve) => {
    execFile(tsc, ["--project", folder, "--pretty", "false"], { cwd: folder }, (_, stdout) => resolve(stdout));
  });
  errors = lines.map((_, index) => {
    const ofLine = output.split(/^(?=\S)/m).filter((error) => error.startsWith(`wrong.ts(${index + 2},`));
    return ofLine.join("");
  });
}, 60_000);
afterAll(() => rm(folder, { recursive: true }));

describe("the compiler says what to use instead of", () => {
  test.each(Object.keys(wrong))("%s in an event", (name) => {
    const error = errors[Object.keys(wrong).indexOf(name)];
    expect(error).toContain("An event's data must survive JSON: use strings, numbers,");
  });
});
