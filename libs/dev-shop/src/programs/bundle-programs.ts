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
 * Bundles each program from the repository's own sources, in a tenth of a second, and apart from them the packages, once
 * for each lock file. Only the sources have source maps: those of the packages would cost more than bundles save.
 * Throws what esbuild says of a source that does not parse.
 */
export async function bundlePrograms({ root, sources, folder }: Programs & { folder: string }): Promise<void> {
  // How they are made, beside what they are made of.
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

/** Notes what is read, as it was just before, and leaves it the URL that it has as a source, to find what lies beside it. */
function ownSources(inputs: Input[]): Plugin {
  const packages = new Set<string>();
  /** Which file is meant by a package's name stands in its package.json. */
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

/** Leaves what is in node_modules to bundles of its own, and notes which modules those are. */
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
