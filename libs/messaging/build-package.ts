import { copyFile, cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { compilePackage, writeManifest } from "../../.ci/package-folder.ts";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/**
 * Builds the published package in the folder: JavaScript with declarations, its pages, and a package.json without the fields
 * that only this repository needs.
 * @throws the compiler's messages.
 */
export async function buildPackage(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  await compilePackage(here("tsconfig.build.json"), folder);
  await writeManifest(here("package.json"), folder);
  const readme = await readFile(here("README.md"), "utf8");
  await writeFile(join(folder, "README.md"), readme.replaceAll("](../../docs/", "](docs/"));
  await mkdir(join(folder, "docs"));
  await copyFile(here("docs/api.md"), join(folder, "docs/api.md"));
  for (const page of ["adopting.md", "capacity.md", "failure-modes.md"]) {
    const text = await readFile(here(`../../docs/${page}`), "utf8");
    await writeFile(join(folder, "docs", page), text.replaceAll("](../libs/messaging/", "](../"));
  }
  await cp(here("../../docs/images"), join(folder, "docs/images"), { recursive: true });
  await copyFile(here("CHANGELOG.md"), join(folder, "CHANGELOG.md"));
  await copyFile(here("../../LICENSE"), join(folder, "LICENSE"));
}
