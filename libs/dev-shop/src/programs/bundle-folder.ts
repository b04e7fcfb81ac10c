import { createHash } from "node:crypto";
import { existsSync, readFileSync, statSync } from "node:fs";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import type { Programs } from "./programs.ts";
import { writeWhole } from "./write-whole.ts";

/** A source as it was when it was bundled. */
export interface Input {
  readonly path: string;
  readonly size: number;
  readonly modified: number;
}

/**
 * Returns the folder for the bundles of a repository. Each lock file, version of Node and list of programs has a folder of
 * its own, so that no bundle holds packages that are not installed. Copies of a repository that share their node_modules
 * have one each.
 */
export function bundleFolder({ root, sources }: Programs): string {
  const lock = join(root, "package-lock.json");
  const key = createHash("sha256").update(`${root}\n${process.version}\n${JSON.stringify(sources)}\n`);
  if (existsSync(lock)) key.update(readFileSync(lock));
  return join(root, "node_modules/.cache/doubleshot", `programs-${key.digest("hex").slice(0, 16)}`);
}

export async function inputAt(path: string): Promise<Input> {
  const { size, mtimeMs } = await stat(path);
  return { path, size, modified: mtimeMs };
}

/** Marks the folder as complete, so it is written last. The bundles are fresh until one of these files changes. */
export function writeInputs(folder: string, inputs: readonly Input[]): Promise<void> {
  return writeWhole([{ path: inputsFile(folder), contents: JSON.stringify(inputs) }]);
}

/** Returns whether the bundles exist and no source has changed since. Takes a few milliseconds for some two hundred files. */
export function isFresh(folder: string, { sources }: Programs): boolean {
  const made = [...Object.keys(sources).map((name) => `${name}.mjs`), "packages", "inputs.json"];
  if (!made.every((file) => existsSync(join(folder, file)))) return false;
  const inputs: readonly Input[] = JSON.parse(readFileSync(inputsFile(folder), "utf8"));
  return inputs.every(({ path, size, modified }) => {
    const now = statSync(path, { throwIfNoEntry: false });
    return now?.size === size && now.mtimeMs === modified;
  });
}

const inputsFile = (folder: string) => join(folder, "inputs.json");
