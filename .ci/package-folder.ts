import { execFile } from "node:child_process";
import { glob, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

// The parts that all packages for other teams are built of.

const run = promisify(execFile);
const compiler = fileURLToPath(new URL("../node_modules/typescript/bin/tsc", import.meta.url));

/**
 * Compiles a package into a folder: JavaScript with declarations.
 *
 * @throws Error with the compiler's messages
 */
export async function compilePackage(config: string, folder: string): Promise<void> {
  await run(process.execPath, [compiler, "-p", config, "--outDir", folder]).catch((error) => {
    throw new Error(`The package does not compile:\n${error.stdout}`);
  });
  // The compiler rewrites imports in JavaScript, but not in declarations.
  for await (const file of glob(join(folder, "**/*.d.ts"))) {
    const declarations = await readFile(file, "utf8");
    await writeFile(file, declarations.replace(/(["'])(\.{1,2}\/[^"']+)\.ts\1/g, "$1$2.js$1"));
  }
}

interface SourcePackage {
  readonly exports: Readonly<Record<string, string>>;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly [field: string]: unknown;
}

/** Writes the package.json of the folder: without the fields that only this repository needs. */
export async function writeManifest(source: string, folder: string): Promise<void> {
  const manifest = published(JSON.parse(await readFile(source, "utf8")));
  await writeFile(join(folder, "package.json"), `${JSON.stringify(manifest, undefined, 2)}\n`);
}

/** Entry points name files of the package, and a pinned dependency becomes the range from its version. */
function published({ exports, dependencies, ...source }: SourcePackage) {
  const { name, version, description, license, type, engines, sideEffects, keywords } = source;
  const { peerDependencies, peerDependenciesMeta } = source;
  const entries = Object.entries(exports).map(([entry, path]) => {
    const file = path.replace("./src/", "./").replace(/\.ts$/, "");
    return [entry, { types: `${file}.d.ts`, default: `${file}.js` }];
  });
  const ranges = Object.entries(dependencies).map(([dependency, pinned]) => [dependency, `^${pinned}`]);
  return {
    name,
    version,
    description,
    keywords,
    license,
    type,
    engines,
    sideEffects,
    exports: { ...Object.fromEntries(entries), "./package.json": "./package.json" },
    dependencies: Object.fromEntries(ranges),
    peerDependencies,
    peerDependenciesMeta,
  };
}
