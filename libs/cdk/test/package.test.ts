import { execFile } from "node:child_process";
import { glob, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { buildPackage } from "../build-package.ts";

// An adopter's steps in a project outside of this repository: install both built packages, and synthesise the README's stack.

const run = promisify(execFile);
const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const root = here("../../../");

let above: string;
let built: string;
let project: string;
beforeAll(async () => {
  above = await mkdtemp(join(tmpdir(), "cdk-adopter-"));
  built = join(above, "package");
  project = join(above, "project");
  await buildPackage(built);
  await install({
    "@doubleshot/cdk": built,
    "@doubleshot/messaging": join(root, "libs/messaging/dist"),
    "aws-cdk-lib": join(root, "infra/node_modules/aws-cdk-lib"),
    constructs: join(root, "infra/node_modules/constructs"),
    "@types/node": join(root, "node_modules/@types/node"),
  });
});
afterAll(() => rm(above, { recursive: true, force: true }));

/** As npm does, but without the network. Both packages are packed, so that they have the files that npm would publish. */
async function install(packages: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, folder] of Object.entries(packages)) {
    const target = join(project, "node_modules", name);
    await mkdir(dirname(target), { recursive: true });
    if (!name.startsWith("@doubleshot/")) await symlink(folder, target);
    else await unpack(folder, target);
  }
  await writeFile(join(project, "package.json"), JSON.stringify({ name: "adopter", type: "module" }));
}

async function unpack(folder: string, target: string): Promise<void> {
  const packed = ["pack", "--json", "--offline", "--ignore-scripts", "--pack-destination", above];
  const [{ filename }] = JSON.parse((await run("npm", packed, { cwd: folder })).stdout);
  await mkdir(target, { recursive: true });
  await run("tar", ["-xzf", join(above, filename), "-C", target, "--strip-components=1"]);
}

test("the package says nothing of this repository, and takes the application's CDK", async () => {
  const manifest = JSON.parse(await readFile(join(built, "package.json"), "utf8"));
  for (const field of ["private", "scripts", "devDependencies"]) expect(manifest).not.toHaveProperty(field);
  expect(manifest.dependencies).toEqual({ "@doubleshot/messaging": "^0.1.0" });
  expect(Object.keys(manifest.peerDependencies)).toEqual(["aws-cdk-lib", "constructs"]);
  const files = await Array.fromAsync(glob("**/*", { cwd: built }));
  expect(files).toEqual(expect.arrayContaining(["index.js", "index.d.ts", "README.md", "LICENSE"]));
  expect(files.filter((file) => /test|fixture/.test(file))).toEqual([]);
});

test("the README's stack compiles and synthesises with the published packages", async () => {
  const readme = await readFile(join(built, "README.md"), "utf8");
  const [, code = ""] = /```ts\n(\/\/ kitchen-stack\.ts:[\s\S]*?)```/.exec(readme) ?? [];
  await writeFile(join(project, "kitchen-stack.ts"), code);
  await mkdir(join(project, "dist"));
  await writeFile(join(project, "dist/lambda.mjs"), "export const handler = () => undefined;\n");
  const compilerOptions = { module: "nodenext", target: "es2024", strict: true, noEmit: true, skipLibCheck: true };
  await writeFile(join(project, "tsconfig.json"), JSON.stringify({ compilerOptions, files: ["kitchen-stack.ts"] }));
  const tsc = join(root, "node_modules/typescript/bin/tsc");
  const compiled = await run(process.execPath, [tsc, "-p", project]).catch(({ stdout }) => ({ stdout }));
  expect(compiled.stdout).toBe("");
  const synth = `
    import { App } from "aws-cdk-lib";
    import { KitchenStack } from "./kitchen-stack.ts";
    const app = new App({ analyticsReporting: false });
    const stack = new KitchenStack(app, "Kitchen");
    process.stdout.write(JSON.stringify(app.synth().getStackArtifact(stack.artifactId).template));`;
  await writeFile(join(project, "synth.ts"), synth);
  const { stdout } = await run(process.execPath, ["synth.ts"], { cwd: project, maxBuffer: 10_000_000 });
  const types = Object.values<{ Type: string }>(JSON.parse(stdout).Resources).map(({ Type }) => Type);
  for (const type of [
    "DynamoDB::Table",
    "SNS::Topic",
    "SQS::Queue",
    "Lambda::Function",
    "Lambda::EventSourceMapping",
  ]) {
    expect(types).toContain(`AWS::${type}`);
  }
});
