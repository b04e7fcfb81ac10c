import { rmSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { programFiles } from "./program-files.ts";
import { mainSource, newRepository, output } from "./repository.fixture.ts";

const silent = (line: string) => expect.unreachable(line);

test("a bundle does what its sources do, with their packages and with the files beside them", async () => {
  const repository = newRepository();
  const bundled = await programFiles(repository, silent);
  expect(bundled.files.main).toMatch(/\/node_modules\/\.cache\/doubleshot\/.*main\.mjs$/);
  expect(await output(bundled)).toBe("Hello, Ada");
  expect(await output({ files: repository.sources, env: {} })).toBe("Hello, Ada");
});

test("an edit of any source is in the next start", async () => {
  const repository = newRepository();
  await programFiles(repository, silent);
  repository.write("src/name.ts", `export const name = "Grace";`);
  expect(await output(await programFiles(repository, silent))).toBe("Hello, Grace");
});

test("a package that no source had before is bundled as well", async () => {
  const repository = newRepository();
  await programFiles(repository, silent);
  repository.install("farewell", `exports.farewell = "Bye, ";`);
  repository.write("src/main.ts", `import { farewell } from "farewell";\nprocess.stdout.write(farewell);`);
  expect(await output(await programFiles(repository, silent))).toBe("Bye, ");
});

test("while no source has changed, the bundles stay as they are", async () => {
  const repository = newRepository();
  const { files } = await programFiles(repository, silent);
  const before = statSync(files.main);
  expect((await programFiles(repository, silent)).files).toEqual(files);
  expect(statSync(files.main)).toMatchObject({ ino: before.ino, mtimeMs: before.mtimeMs });
});

test("packages are bundled again after a change of the lock file", async () => {
  const repository = newRepository();
  await programFiles(repository, silent);
  repository.install("greeting", `exports.greeting = (name) => "Good day, " + name;`);
  repository.write("package-lock.json", `{ "packages": {} }`);
  expect(await output(await programFiles(repository, silent))).toBe("Good day, Ada");
});

test("a package of the repository that leads elsewhere is followed there", async () => {
  const repository = newRepository();
  repository.write("src/main.ts", `import { name } from "#name";\nprocess.stdout.write(name);`);
  repository.write("src/other.ts", `export const name = "Grace";`);
  const leadTo = (file: string) =>
    repository.write("package.json", `{ "type": "module", "imports": { "#name": "./src/${file}" } }`);
  leadTo("name.ts");
  expect(await output(await programFiles(repository, silent))).toBe("Ada");
  leadTo("other.ts");
  expect(await output(await programFiles(repository, silent))).toBe("Grace");
});

test("a program that begins elsewhere begins there", async () => {
  const { root, sources, write } = newRepository();
  await programFiles({ root, sources }, silent);
  write("src/second.ts", `process.stdout.write("second");`);
  expect(await output(await programFiles({ root, sources: { main: `${root}/src/second.ts` } }, silent))).toBe("second");
});

test.each(["main.mjs", "packages"])("bundles of which %s has gone are made again", async (gone) => {
  const repository = newRepository();
  const { files } = await programFiles(repository, silent);
  rmSync(join(dirname(files.main), gone), { recursive: true });
  expect(await output(await programFiles(repository, silent))).toBe("Hello, Ada");
});

test("concurrent starts without bundles each make them, and can run them", async () => {
  const repository = newRepository();
  const starts = Array.from({ length: 4 }, async () => output(await programFiles(repository, silent)));
  expect(await Promise.all(starts)).toEqual(Array(4).fill("Hello, Ada"));
});

test("an error's stack names the source and its line", async () => {
  const repository = newRepository();
  repository.write("src/main.ts", `${mainSource}interface Unused {}\n\nthrow new Error("no coffee");\n`);
  const run = output(await programFiles(repository, silent));
  await expect(run).rejects.toThrow(`${repository.sources.main}:6:7`);
});

test.each([
  ["a source that does not parse", "src/name.ts", "export const = ;"],
  ["a folder that cannot be made", "node_modules/.cache", ""],
])("%s: the sources run, and one sentence has the reason", async (_case, path, text) => {
  const repository = newRepository();
  repository.write(path, text);
  const reports: string[] = [];
  const { files, env } = await programFiles(repository, (line) => reports.push(line));
  expect({ files, env }).toEqual({ files: repository.sources, env: {} });
  expect(reports).toEqual([
    expect.stringMatching(/^The services start from their sources, .* cannot be made \(.+\)\.$/),
  ]);
});
