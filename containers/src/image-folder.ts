import { cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { findPackageJSON } from "node:module";
import { dirname, join, relative } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { bundlePrograms } from "@doubleshot/dev-shop/bundle-programs";
import type { Service } from "@doubleshot/shop";

const root = fileURLToPath(new URL("../..", import.meta.url));
const health = fileURLToPath(new URL("health.ts", import.meta.url));

export interface ImageProgram {
  /** Entry modules by the names of their bundles, as paths from the root of the repository. */
  readonly sources: Readonly<Record<string, string>>;
  /** URL that answers with 200 when the process is ready. */
  readonly health: string;
}

/** A service listens on the port of its manifest, and its probe answers with 503 from the signal to stop on. */
export function serviceProgram({ program, port }: Pick<Service, "program" | "port">): ImageProgram {
  return { sources: { main: program }, health: `http://127.0.0.1:${port}/readyz` };
}

/** Makes the folder of an image: the bundles, the files that they read, and the health check. */
export async function makeImageFolder(folder: string, { sources, health: url }: ImageProgram): Promise<void> {
  await mkdir(folder, { recursive: true });
  const entries = Object.entries(sources).map(([name, source]) => [name, join(root, source)]);
  await bundlePrograms({ root, sources: { ...Object.fromEntries(entries), health }, folder });
  // Only a checkout asks whether its bundles are fresh.
  await rm(join(folder, "inputs.json"));
  await writeFile(join(folder, "image.json"), `${JSON.stringify({ health: url })}\n`);
  for (const name of Object.keys(sources))
    await copyResolved(folder, await readFile(join(folder, `${name}.mjs`), "utf8"));
}

/** Copies the files that a bundle finds with import.meta.resolve, each to the same place in the folder's node_modules. */
async function copyResolved(folder: string, bundle: string): Promise<void> {
  const resolved = [...bundle.matchAll(/import\.meta\.resolve\("([^"]+)"\)/g)].map(([, file = ""]) => file);
  for (const file of resolved) {
    await copyPackageFile(folder, fileURLToPath(import.meta.resolve(file)));
  }
}

/** Copies a file or a folder of an installed package, and the description of the package. */
export async function copyPackageFile(folder: string, path: string): Promise<void> {
  const described = findPackageJSON(pathToFileURL(path));
  for (const each of described === undefined ? [path] : [path, described]) {
    const copy = join(folder, relative(root, each));
    await mkdir(dirname(copy), { recursive: true });
    await cp(each, copy, { recursive: true });
  }
}
