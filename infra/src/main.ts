import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { SettingError } from "./stage.ts";

// `npm run synth` and `npm run deploy`. The CDK comes first: `npm ci` in the checkout does not install it, because most people who
// work on the shop deploy nothing.

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));

try {
  await installCdk();
  const { run } = await import("./command.ts");
  process.exitCode = run(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof Error && "exitSentence" in error)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}

async function installCdk(): Promise<void> {
  // npm writes this file last, so a broken installation is made again.
  if (!existsSync(at("../node_modules/.package-lock.json"))) {
    process.stdout.write("Installing the CDK, once: npm ci --prefix infra\n");
    const { status } = spawnSync("npm", ["ci"], { cwd: at(".."), stdio: ["ignore", "ignore", "inherit"] });
    if (status !== 0) {
      throw new SettingError("The CDK could not be installed: run npm ci --prefix infra, which says why.");
    }
  }
  if (!existsSync(at("../../libs/cdk/node_modules/aws-cdk-lib"))) await import("./link-cdk.js");
}
