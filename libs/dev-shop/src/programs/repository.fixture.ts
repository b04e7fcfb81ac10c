import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { onTestFinished } from "vitest";
import type { ProgramFiles } from "./program-files.ts";

const run = promisify(execFile);

/** A small repository: a program of two sources that reads a file beside one of them, and a package in CommonJS. */
export function newRepository() {
  const root = realpathSync(mkdtempSync(join(tmpdir(), "doubleshot-programs-")));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  write("package.json", `{ "type": "module" }`);
  write("package-lock.json", "{}");
  const install = (name: string, source: string) => {
    write(`node_modules/${name}/package.json`, "{}");
    write(`node_modules/${name}/index.js`, source);
  };
  install("greeting", `exports.greeting = (name) => "Hello, " + name;`);
  write("src/name.txt", "Ada");
  write("src/name.ts", nameSource);
  write("src/main.ts", mainSource);
  return { root, sources: { main: join(root, "src/main.ts") }, write, install };
}

const nameSource = `import { readFileSync } from "node:fs";
export const name: string = readFileSync(new URL("./name.txt", import.meta.url), "utf8");
`;

export const mainSource = `import { greeting } from "greeting";
import { name } from "./name.ts";
process.stdout.write(greeting(name));
`;

/** Returns the standard output of the program. */
export async function output({ files, env }: ProgramFiles<"main">): Promise<string> {
  const { stdout } = await run(process.execPath, [files.main], { env: { ...process.env, ...env } });
  return stdout;
}
