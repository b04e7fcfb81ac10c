import { execFile } from "node:child_process";
import { copyFile, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { buildPackage } from "../../build-package.ts";

const run = promisify(execFile);
const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const modules = here("../../../../node_modules");

export interface AdoptersProject {
  readonly folder: string;
  /** The built package, before it is packed. */
  readonly packageFolder: string;
  /** Compiles the files. @throws the compiler's errors. */
  compile(files: readonly string[]): Promise<void>;
  remove(): Promise<void>;
}

/**
 * A project outside of this repository, with the published package installed and the code of its pages.
 */
export async function makeAdoptersProject(): Promise<AdoptersProject> {
  const above = await mkdtemp(join(tmpdir(), "adopter-"));
  const [folder, packageFolder] = [join(above, "project"), join(above, "package")];
  await buildPackage(packageFolder);
  await unpack(packageFolder, above, join(folder, "node_modules"));
  await standInForCdk(join(folder, "node_modules/aws-cdk-lib"));
  await writeFile(join(folder, "package.json"), JSON.stringify({ name: "adopter", type: "module" }));
  for (const page of ["README.md", "docs/adopting.md"]) await writeFilesOf(join(packageFolder, page), folder);
  const compile = (files: readonly string[]) => compileIn(folder, files);
  return { folder, packageFolder, compile, remove: () => rm(above, { recursive: true, force: true }) };
}

export async function manifest(folder: string) {
  return JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
}

/** Installs the package as npm does, but without the network: its dependencies are links to this repository's. */
async function unpack(packageFolder: string, above: string, into: string): Promise<void> {
  const packed = ["pack", "--json", "--offline", "--ignore-scripts", "--pack-destination", above];
  const { stdout } = await run("npm", packed, { cwd: packageFolder });
  const [{ filename }] = JSON.parse(stdout);
  const target = join(into, "@doubleshot/messaging");
  await mkdir(target, { recursive: true });
  await run("tar", ["-xzf", join(above, filename), "-C", target, "--strip-components=1"]);
  const { dependencies } = await manifest(target);
  for (const name of [...Object.keys(dependencies), "@aws-sdk/client-s3", "prom-client", "zod", "@types/node"]) {
    await mkdir(dirname(join(into, name)), { recursive: true });
    await symlink(join(modules, name), join(into, name));
  }
}

async function standInForCdk(target: string): Promise<void> {
  await mkdir(target, { recursive: true });
  await copyFile(here("aws-cdk-lib.fixture.js"), join(target, "index.js"));
  const entries = [".", "./aws-iam", "./aws-lambda"].map((entry) => [entry, "./index.js"]);
  const described = { name: "aws-cdk-lib", type: "module", exports: Object.fromEntries(entries) };
  await writeFile(join(target, "package.json"), JSON.stringify(described));
}

/** Writes the page's blocks of code whose first line names a file. */
async function writeFilesOf(page: string, folder: string): Promise<void> {
  const blocks = (await readFile(page, "utf8")).matchAll(/```ts\n(\/\/ ([\w.-]+\.ts): [\s\S]*?)```/g);
  for (const [, code = "", name = ""] of blocks) await writeFile(join(folder, name), code);
}

async function compileIn(folder: string, files: readonly string[]): Promise<void> {
  const compilerOptions = {
    target: "es2024",
    lib: ["es2024"],
    module: "nodenext",
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    types: ["node"],
    rewriteRelativeImportExtensions: true,
    erasableSyntaxOnly: true,
    noEmit: true,
  };
  await writeFile(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, files }));
  await run(process.execPath, [join(modules, "typescript/bin/tsc"), "-p", folder]).catch(({ stdout }) => {
    throw new Error(`The project does not compile:\n${stdout}`);
  });
}
