import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const own = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));

const sources = own("pages");
const worker = own("worker/service-worker.ts");
const builder = own("build/main.ts");
/** The packages that the build uses. */
const lockFile = own("../../package-lock.json");

/**
 * Returns the folder of the built pages. A checkout has one for each state of the sources. An image has no sources, and the
 * folder `pages` beside its program.
 */
export function pagesFolder(): string {
  if (!existsSync(sources)) return join(dirname(process.argv[1] ?? ""), "pages");
  const files = readdirSync(sources, { recursive: true, encoding: "utf8" }).sort();
  const key = createHash("sha256");
  for (const path of [...files.map((file) => join(sources, file)), worker, own("build/build-pages.ts"), lockFile]) {
    const stat = statSync(path, { throwIfNoEntry: false });
    if (stat?.isFile()) key.update(`${path} ${stat.size} ${stat.mtimeMs}\n`);
  }
  return own(`dist/${key.digest("hex").slice(0, 16)}`);
}

/** Builds the pages, unless they are built. It takes a second, in a process of its own: this one needs no bundler. */
export async function preparePages(): Promise<void> {
  const folder = pagesFolder();
  if (existsSync(folder) || !existsSync(sources)) return;
  await promisify(execFile)(process.execPath, [builder, folder]);
}
