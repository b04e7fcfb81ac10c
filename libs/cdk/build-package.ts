import { existsSync } from "node:fs";
import { copyFile, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { compilePackage, writeManifest } from "../../.ci/package-folder.ts";
import { buildPackage as buildMessaging } from "../messaging/build-package.ts";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/**
 * Builds the published package in the folder, and before it `libs/messaging/dist`, whose declarations it is compiled with.
 *
 * @throws Error with the compiler's messages, or with the command that installs the CDK
 */
export async function buildPackage(folder: string): Promise<void> {
  if (!existsSync(here("node_modules/aws-cdk-lib"))) {
    throw new Error("The CDK is not installed: run npm ci --prefix infra.");
  }
  await rm(folder, { recursive: true, force: true });
  await buildMessaging(here("../messaging/dist"));
  await compilePackage(here("tsconfig.build.json"), folder);
  await writeManifest(here("package.json"), folder);
  // The pages that it links to stay behind.
  const readme = await readFile(here("README.md"), "utf8");
  await writeFile(join(folder, "README.md"), readme.replaceAll(/\[([^\]]+)\]\(\.\.?\/[^)]*\)/g, "$1"));
  await copyFile(here("../../LICENSE"), join(folder, "LICENSE"));
}
