import { readFile } from "node:fs/promises";
import { findPackageJSON } from "node:module";
import { extname, sep } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build, type Plugin } from "esbuild";
import { type Input, inputAt, writeInputs } from "./bundle-folder.ts";
import { bundlePackages, common, packageFile } from "./bundle-packages.ts";
import type { Programs } from "./programs.ts";
import { writeWhole } from "./write-whole.ts";

/**
 * Bundles each program from the repository's own sources, in a tenth of a second. Packages have bundles of their own, made
 * once for each lock file. Only sources have source maps: those of packages would cost more than bundles save.
 *
 * @throws the error of esbuild for a source that does not parse
 */
export async function bundlePrograms({ root, sources, folder }: Programs & { folder: string }): Promise<void> {
  // A change of these files makes bundles stale, like a change of a source.
  const makers = ["./bundle-programs.ts", "./bundle-packages.ts"].map((maker) => new URL(maker, import.meta.url));
  const inputs = await Promise.all(makers.map((maker) => inputAt(fileURLToPath(maker))));
  const packages = new Set<string>();
  const { outputFiles } = await build({
    ...common,
    absWorkingDir: root,
    entryPoints: sources,
    outdir: folder,
    keepNames: true,
    sourcemap: "linked",
    sourcesContent: false,
    plugins: [ownSources(inputs), packagesApart(root, packages)],
  });
  await bundlePackages(root, folder, packages);
  await writeWhole(outputFiles);
  await writeInputs(folder, inputs);
}

/** Records each source as it was just before its read, and keeps its URL, by which it finds the files beside it. */
function ownSources(inputs: Input[]): Plugin {
  const packages = new Set<string>();
  /** The package.json decides which file a package's name stands for. */
  const notePackage = async (path: string) => {
    const described = findPackageJSON(pathToFileURL(path));
    if (described === undefined || packages.has(described)) return;
    packages.add(described);
    inputs.push(await inputAt(described));
  };
  return {
    name: "own-sources",
    setup: ({ onLoad }) => {
      onLoad({ filter: /\.[jt]s$/ }, async ({ path }) => {
        inputs.push(await inputAt(path));
        await notePackage(path);
        const source = await readFile(path, "utf8");
        const url = JSON.stringify(pathToFileURL(path).href);
        return { contents: source.replaceAll("import.meta.url", url), loader: extname(path) === ".ts" ? "ts" : "js" };
      });
    },
  };
}

/** Leaves modules in node_modules to bundles of their own, and records them. */
function packagesApart(root: string, packages: Set<string>): Plugin {
  const resolving = Symbol("resolving");
  return {
    name: "packages-apart",
    setup: ({ onResolve, resolve }) => {
      onResolve({ filter: /^[^./]/ }, async ({ path, kind, resolveDir, pluginData }) => {
        if (pluginData === resolving || kind === "entry-point") return undefined;
        const found = await resolve(path, { kind, resolveDir, pluginData: resolving });
        if (!found.path.includes(`${sep}node_modules${sep}`)) return found;
        packages.add(found.path);
        return { path: `./${packageFile(root, found.path)}`, external: true };
      });
    },
  };
}
