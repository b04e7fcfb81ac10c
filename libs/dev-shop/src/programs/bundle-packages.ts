import { existsSync } from "node:fs";
import { join, relative } from "node:path";
import { pathToFileURL } from "node:url";
import { type BuildOptions, build, type Plugin } from "esbuild";
import { writeWhole } from "./write-whole.ts";

/** The options for bundles of sources and of packages. Without conditions, esbuild takes the files that Node would load. */
export const common = {
  bundle: true,
  write: false,
  platform: "node",
  format: "esm",
  target: "esnext",
  conditions: [],
  outExtension: { ".js": ".mjs" },
  legalComments: "none",
  logLevel: "silent",
} as const satisfies BuildOptions;

/** Returns the path of a package module's bundle, below the folder of the bundles. */
export function packageFile(root: string, module: string): string {
  return `packages/${slug(root, module)}.mjs`;
}

const slug = (root: string, module: string) =>
  relative(join(root, "node_modules"), module)
    .replace(/\.\w+$/, "")
    .replaceAll(/[^\w]+/g, "-");

/** Bundles the given modules of packages with their dependencies. Shared dependencies are bundled once. */
export async function bundlePackages(root: string, folder: string, modules: ReadonlySet<string>): Promise<void> {
  if ([...modules].every((module) => existsSync(join(folder, packageFile(root, module))))) return;
  const { outputFiles } = await build({
    ...common,
    absWorkingDir: root,
    entryPoints: Object.fromEntries([...modules].map((module) => [slug(root, module), module])),
    outdir: join(folder, "packages"),
    splitting: true,
    banner: { js: commonJs },
    plugins: [sameNames(modules)],
  });
  const chunk = ({ path }: { path: string }) => /\/chunk-\w+\.mjs$/.test(path);
  await writeWhole(outputFiles.filter(chunk));
  await writeWhole(outputFiles.filter((file) => !chunk(file)));
}

/** CommonJS modules call require for Node's own modules. */
const commonJs = `import { createRequire as requireHere } from "node:module"; const require = requireHere(import.meta.url);`;

/** Gives each bundle the exports that Node finds in the module. esbuild alone gives a CommonJS module no names. */
function sameNames(modules: ReadonlySet<string>): Plugin {
  return {
    name: "same-names",
    setup: ({ onResolve, onLoad }) => {
      onResolve({ filter: /./ }, ({ path, kind }) =>
        kind === "entry-point" && modules.has(path) ? { path, namespace: "names" } : undefined,
      );
      onLoad({ filter: /./, namespace: "names" }, async ({ path }) => {
        const names = Object.keys(await import(pathToFileURL(path).href)).filter((name) => !interop.has(name));
        return { contents: `export { ${names.join(", ")} } from ${JSON.stringify(path)};`, resolveDir: "/" };
      });
    },
  };
}

/** Names by which Node and compilers mark a CommonJS module. */
const interop = new Set(["__esModule", "module.exports"]);
