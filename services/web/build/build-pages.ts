import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";
import { build, type Plugin } from "vite";

const root = fileURLToPath(new URL("../pages", import.meta.url));
const pages = ["index", "bar", "display", "engine"];
const worker = "service-worker";
const compressible = /\.(html|js|css|svg|webmanifest)$/;
/** Below it, an encoding saves less than its header costs. */
const minCompressedBytes = 200;

/**
 * Builds the pages, with their gzip and brotli forms beside them, and moves the result to the folder when it is complete.
 * Older builds beside the folder are removed. Concurrent builds make the same files; the first one stays.
 */
export async function buildPages(folder: string): Promise<void> {
  const parent = dirname(folder);
  const draft = join(parent, `draft-${process.pid}`);
  await build({
    configFile: false,
    root,
    logLevel: "warn",
    plugins: [sharedHead(await readFile(join(root, "shared/head.html"), "utf8"))],
    // Without `development: false`, a build under another NODE_ENV than "production" puts paths of this machine into the pages.
    oxc: { jsx: { runtime: "automatic", importSource: "preact", development: false } },
    build: {
      outDir: draft,
      emptyOutDir: true,
      target: "es2023",
      modulePreload: { polyfill: false },
      // The policy of the pages allows no data: URLs.
      assetsInlineLimit: 0,
      rollupOptions: {
        input: {
          ...Object.fromEntries(pages.map((page) => [page, join(root, `${page}.html`)])),
          [worker]: join(root, "../worker/service-worker.ts"),
        },
        // A browser finds the next version of a worker at the address of the last one.
        output: { entryFileNames: ({ name }) => (name === worker ? "[name].js" : "assets/[name]-[hash].js") },
      },
    },
  });
  await compressFiles(draft);
  await mkdir(parent, { recursive: true });
  await rename(draft, folder).catch(async (error: unknown) => {
    await rm(draft, { recursive: true });
    if (!existsSync(folder)) throw error;
  });
  const others = (await readdir(parent)).filter((name) => /^[0-9a-f]{16}$/.test(name) && name !== basename(folder));
  await Promise.all(others.map((name) => rm(join(parent, name), { recursive: true, force: true })));
}

/** Puts the lines that all pages share into their heads, before Vite looks for the files that they name. */
function sharedHead(lines: string): Plugin {
  const handler = (html: string) => html.replace("<!-- shared/head.html -->\n", () => lines);
  return { name: "shared-head", transformIndexHtml: { order: "pre", handler } };
}

async function compressFiles(folder: string): Promise<void> {
  const names = await readdir(folder, { recursive: true });
  const chosen = names.filter((name) => compressible.test(name)).map((name) => join(folder, name));
  await Promise.all(chosen.map(compressFile));
}

async function compressFile(path: string): Promise<void> {
  const plain = await readFile(path);
  if (plain.length < minCompressedBytes) return;
  const brotli = { params: { [constants.BROTLI_PARAM_SIZE_HINT]: plain.length } };
  await writeFile(`${path}.gz`, await promisify(gzip)(plain, { level: 9 }));
  await writeFile(`${path}.br`, await promisify(brotliCompress)(plain, brotli));
}
