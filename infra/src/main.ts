import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { fileSentence } from "@doubleshot/topology";
import { SettingError } from "./stage.ts";

// `npm run synth` and `npm run deploy`. The CDK comes first: `npm ci` in the checkout does not install it, because most people who
// work on the shop deploy nothing.

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));

try {
  installCdk();
  const { run } = await import("./command.ts");
  process.exitCode = run(process.argv.slice(2));
} catch (error) {
  const sentence = error instanceof Error && "exitSentence" in error ? error.message : fileSentence(error);
  if (sentence === undefined) throw error;
  process.stderr.write(`${sentence}\n`);
  process.exitCode = 1;
}

function installCdk(): void {
  // The links come last, so an installation that was cut off is made again.
  if (existsSync(at("../node_modules/@doubleshot/cdk"))) return;
  process.stdout.write("Installing the CDK, once: npm ci --prefix infra\n");
  const { status } = spawnSync("npm", ["ci"], { cwd: at(".."), stdio: ["ignore", "ignore", "inherit"] });
  if (status === 0) return;
  throw new SettingError("The CDK could not be installed: run npm ci --prefix infra, which says why.");
}
