import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { extname, join } from "node:path";

/** Encodings in the order of preference: the first is the smallest. */
export const encodings = [
  { name: "br", ending: ".br" },
  { name: "gzip", ending: ".gz" },
] as const;

export interface PageFile {
  readonly type: string;
  readonly plain: Buffer;
  /** Compressed at build time, by encoding. Small files and images have none. */
  readonly encoded: ReadonlyMap<string, Buffer>;
  /** A name for these contents. */
  readonly tag: string;
}

/** By path from the folder of the pages, such as `index.html` and `assets/order-3fa9c1.js`. */
export type PageFiles = ReadonlyMap<string, PageFile>;

const types: Readonly<Record<string, string>> = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".png": "image/png",
  ".svg": "image/svg+xml",
  ".webmanifest": "application/manifest+json",
  ".woff2": "font/woff2",
};

/** The pages are not built, or not where this process looks for them. */
class NoPagesError extends Error {
  override readonly name = "NoPagesError";
  readonly exitSentence = true;
}

/**
 * Reads all files of the built pages: some 200 KB, which stay in memory.
 *
 * @throws NoPagesError when the folder does not exist
 */
export function readPageFiles(folder: string): PageFiles {
  if (!existsSync(folder)) {
    throw new NoPagesError(`The pages are not built in ${folder}: run npm run build -w services/web.`);
  }
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" });
  const served = names.filter((name) => types[extname(name)] !== undefined);
  return new Map(served.map((name) => [name, readPageFile(folder, name)]));
}

function readPageFile(folder: string, name: string): PageFile {
  const path = join(folder, name);
  const plain = readFileSync(path);
  const compressed = encodings.filter(({ ending }) => existsSync(`${path}${ending}`));
  return {
    type: types[extname(name)] ?? "",
    plain,
    encoded: new Map(compressed.map((encoding) => [encoding.name, readFileSync(`${path}${encoding.ending}`)])),
    tag: createHash("sha256").update(plain).digest("base64url").slice(0, 22),
  };
}
