import { randomUUID } from "node:crypto";
import { mkdir, rename, writeFile } from "node:fs/promises";
import { dirname } from "node:path";

/** Writes each file so that concurrent readers and writers find a whole one. */
export async function writeWhole(
  files: readonly { readonly path: string; readonly contents: string | Uint8Array }[],
): Promise<void> {
  await Promise.all(
    files.map(async ({ path, contents }) => {
      await mkdir(dirname(path), { recursive: true });
      const unfinished = `${path}.${randomUUID()}`;
      await writeFile(unfinished, contents);
      await rename(unfinished, path);
    }),
  );
}
