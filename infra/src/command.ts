import { spawnSync } from "node:child_process";
import { rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { coffeeShop } from "@doubleshot/shop";
import type { App } from "aws-cdk-lib";
import type { CloudAssembly } from "aws-cdk-lib/cx-api";
import { shopApp } from "./app.ts";
import { imagesOfCheckout, imagesOfRegistry } from "./services/images.ts";
import { readContext, readSettings, SettingError } from "./stage.ts";

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const outdir = at("../cdk.out");
const relay = at("../../lambdas/outbox/");

/**
 * Makes the templates of a stage in `infra/cdk.out`, and deploys them if asked to. Returns the exit code.
 *
 * @throws SettingError: one sentence for a wrong argument
 */
export function run(args: readonly string[]): number {
  const { command, context } = readArguments(args);
  const settings = readSettings(coffeeShop.name, context);
  if (command === "deploy" && settings.images === undefined) requireDocker();
  buildRelay();
  rmSync(outdir, { recursive: true, force: true });
  const { app } = shopApp({
    shop: coffeeShop,
    settings,
    relayBundle: `${relay}dist`,
    imageOf: settings.images ? imagesOfRegistry(coffeeShop.name, settings.images) : imagesOfCheckout(at("../..")),
    outdir,
  });
  for (const { templateFile } of synthesised(app).stacks) process.stdout.write(`infra/cdk.out/${templateFile}\n`);
  return command === "deploy" ? deploy() : 0;
}

function readArguments(args: readonly string[]) {
  if (process.env.npm_config_call) {
    throw new SettingError("npm keeps -c to itself: put -- in front, as in npm run synth -- -c stage=test.");
  }
  try {
    const options = { context: { type: "string", short: "c", multiple: true, default: [] as string[] } } as const;
    const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true });
    const [command, ...others] = positionals;
    if (others.length > 0) throw new Error(`Unexpected argument '${others[0]}'`);
    return { command, context: readContext(values.context) };
  } catch (error) {
    if (error instanceof SettingError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new SettingError(`${reason.split(". ")[0]}: give -c name=value, as in -c stage=test.`);
  }
}

/** Before anything is made, because the images come last. */
function requireDocker(): void {
  const { status } = spawnSync("docker", ["version"], { stdio: "ignore" });
  if (status === 0) return;
  throw new SettingError(
    "Docker, which builds the images, does not answer: start it, or give -c images=<tag> of images that ECR has.",
  );
}

/** Always made again, so that an old bundle is never deployed. */
function buildRelay(): void {
  const { status } = spawnSync(process.execPath, ["build.ts"], { cwd: relay, stdio: ["ignore", "ignore", "inherit"] });
  if (status !== 0) throw new SettingError("The relay's bundle could not be built: the reason is above.");
}

/** @throws SettingError when cdk-nag has findings. The CDK has written them to standard error. */
function synthesised(app: App): CloudAssembly {
  try {
    return app.synth();
  } catch (error) {
    if (!(error instanceof Error && error.name === "ValidationFailed")) throw error;
    throw new SettingError(
      "The findings above stop the deployment: correct them, or explain them in infra/src/nag-findings.ts.",
    );
  }
}

function deploy(): number {
  const cdk = at("../node_modules/.bin/cdk");
  const args = ["deploy", "--all", "--app", outdir];
  const { status } = spawnSync(process.execPath, [cdk, ...args], { cwd: at(".."), stdio: "inherit" });
  if (status === 0) return 0;
  throw new SettingError(
    "The deployment has stopped, and the CDK says why above: correct the cause, or the account and region (AWS_PROFILE, AWS_REGION), and run the same command again.",
  );
}
