import { execFile } from "node:child_process";
import { copyFile, cp, glob, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const run = promisify(execFile);

/**
 * Builds the published package in the folder: JavaScript with declarations, and a package.json without the fields that only
 * this repository needs.
 * @throws the compiler's messages.
 */
export async function buildPackage(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  await compile(folder);
  const source = JSON.parse(await readFile(here("package.json"), "utf8"));
  await writeFile(join(folder, "package.json"), `${JSON.stringify(published(source), undefined, 2)}\n`);
  const readme = await readFile(here("README.md"), "utf8");
  await writeFile(join(folder, "README.md"), readme.replaceAll("](../../docs/", "](docs/"));
  await mkdir(join(folder, "docs"));
  await copyFile(here("docs/api.md"), join(folder, "docs/api.md"));
  for (const page of ["adopting.md", "capacity.md", "failure-modes.md"]) {
    const text = await readFile(here(`../../docs/${page}`), "utf8");
    await writeFile(join(folder, "docs", page), text.replaceAll("](../libs/messaging/", "](../"));
  }
  await cp(here("../../docs/images"), join(folder, "docs/images"), { recursive: true });
  await copyFile(here("CHANGELOG.md"), join(folder, "CHANGELOG.md"));
  await copyFile(here("../../LICENSE"), join(folder, "LICENSE"));
}

async function compile(folder: string): Promise<void> {
  const compiler = here("../../node_modules/typescript/bin/tsc");
  await run(process.execPath, [compiler, "-p", here("tsconfig.build.json"), "--outDir", folder]).catch((error) => {
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
