import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { coffeeShop } from "@doubleshot/shop";
import { inheritedEnvironment } from "./processes/child-environment.ts";
import { shopProgramFiles } from "./programs/shop-programs.ts";

// After npm ci: bundles the services and loads each program of a shop once, so that Node has compiled them and the first
// npm start is as quick as the later ones. Nothing relies on it. A program that does not load reports that under npm start.

const run = promisify(execFile);
const { files, env } = await shopProgramFiles(coffeeShop, (line) => process.stderr.write(`${line}\n`));
const localAws = (path: string) => fileURLToPath(new URL(path, import.meta.resolve("@doubleshot/local-aws")));
const inspector = fileURLToPath(new URL("./inspector.ts", import.meta.url));

/** Each program with a setting that it refuses, or without one that it needs: it ends where it would begin. */
const loads = [
  { modules: [localAws("./main.ts")], settings: { DYNAMODB_PORT: "none" } },
  { modules: [localAws("./functions/child-main.ts"), files.relay ?? ""], settings: env },
  ...Object.keys(coffeeShop.services).map((name) => ({
    modules: [files[name] ?? ""],
    settings: { ...env, PORT: "none" },
  })),
  { modules: [inspector], settings: { PORT: "none" } },
];
await Promise.allSettled(
  loads.map(({ modules, settings }) =>
    run(process.execPath, modules, { env: { ...inheritedEnvironment(), ...settings }, timeout: 60_000 }),
  ),
);
