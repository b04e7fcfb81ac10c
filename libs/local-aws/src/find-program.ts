import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

/** Returns the file of the first directory on the path that has an executable file of this name. Empty entries of the path are skipped. */
export function findProgram(name: string, path: string): string | undefined {
  const folders = path.split(delimiter).filter((folder) => folder !== "");
  return folders.map((folder) => join(folder, name)).find(isExecutable);
}

export function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
