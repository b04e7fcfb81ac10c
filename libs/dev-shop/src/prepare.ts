import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { inheritedEnvironment } from "./child-environment.ts";
import { shopProgramFiles } from "./programs/shop-programs.ts";

// After npm ci: bundles the services, and loads what a shop runs once, so that Node has compiled it and the first npm
// start is as quick as the later ones. Nothing relies on that, and a program that cannot be loaded says so when it matters.

const run = promisify(execFile);
const { files, env } = await shopProgramFiles((line) => process.stderr.write(`${line}\n`));
const localAws = (path: string) => fileURLToPath(new URL(path, import.meta.resolve("@doubleshot/local-aws")));
const inspector = fileURLToPath(new URL("./inspector.ts", import.meta.url));

/** Each program without a setting that it needs: it ends where it would begin. */
const loads = [
  { modules: [localAws("./main.ts")], settings: { DYNAMODB_PORT: "none" } },
  { modules: [localAws("./functions/child-main.ts"), files.relay], settings: env },
  { modules: [files.orders], settings: env },
  { modules: [files.barista], settings: env },
  { modules: [inspector], settings: { PORT: "none" } },
];
await Promise.allSettled(
  loads.map(({ modules, settings }) =>
    run(process.execPath, modules, { env: { ...inheritedEnvironment(), ...settings }, timeout: 60_000 }),
  ),
);
