import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { commands } from "../libs/cli/src/commands.ts";
import { git, sourceFiles, textOf } from "./source-files.ts";

// Documents name tests, files, commands and variables: each of them must be there, under that name.

const root = (path: string) => fileURLToPath(new URL(`../${path}`, import.meta.url));
const read = (path: string) => readFileSync(root(path), "utf8");

const held = [...read("docs/bad-input.md").matchAll(/\| `([^`]+\.ts)`: (.+) \|$/gm)].map(
  ([, file = "", title = ""]) => [file, title],
);

const pages = readdirSync(root("docs")).filter((file) => file.endsWith(".md"));
const documents = git("ls-files", "--cached", "--others", "--exclude-standard", "--deduplicate", "*.md").filter(
  (file) => existsSync(root(file)),
);

test("every case of bad input has its test", () => {
  const cases = read("docs/bad-input.md").match(/^\| (?!what |---)/gm) ?? [];
  expect(held).toHaveLength(cases.length);
});

test.each(held)("%s: %s", (file = "", title = "") => {
  expect(read(file)).toContain(`"${title}"`);
});

test.each(pages)("%s names tests that are there", (page) => {
  const files = [...read(`docs/${page}`).matchAll(/`([\w./-]+\.test\.ts)`/g)].map(([, file = ""]) => file);
  const folders = ["", "libs/messaging/", "libs/local-aws/src/quirks/"];
  const missing = files.filter((file) => !folders.some((folder) => existsSync(root(folder + file))));
  expect(missing).toEqual([]);
});

test.each(documents)("%s links to what is there", (page) => {
  const links = [...read(page).matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, to = ""]) => to);
  expect(links.filter((to) => !existsSync(root(join(dirname(page), to))))).toEqual([]);
});

/** A name without its ending counts as well: `libs/local-aws/src/crash` stands for the test of that name. */
function isThere(path: string): boolean {
  const name = `${basename(path)}.`;
  const folder = root(dirname(path));
  return existsSync(root(path)) || (existsSync(folder) && readdirSync(folder).some((file) => file.startsWith(name)));
}

test.each(documents)("%s names files that are there", (page) => {
  const text = read(page);
  const paths = [...text.matchAll(/`((?:libs|services|lambdas|tests|bench|infra|containers|docs|\.ci)\/[\w./-]*)`/g)];
  const own = page.endsWith("README.md") ? [...text.matchAll(/`(src\/[\w./-]+?)\/?`/g)] : [];
  const named = [...paths.map(([, path = ""]) => path), ...own.map(([, path = ""]) => join(dirname(page), path))];
  expect(named.filter((path) => !isThere(path))).toEqual([]);
});

const scriptsOf = (folder: string): object => JSON.parse(read(join(folder, "package.json"))).scripts ?? {};

test.each(documents)("%s names npm scripts and verbs of the command that are there", (page) => {
  const text = read(page);
  const run = [...text.matchAll(/\bnpm run(?: -s| --silent)* ([\w:][\w:.-]*)([^\n`]*)/g)];
  const missing = run.filter(([, name = "", rest = ""]) => {
    const [, folder = "."] = /(?:-w|--workspace|--prefix)[ =]([\w./-]+)/.exec(rest) ?? [];
    return !(name in scriptsOf(folder));
  });
  expect(missing.map(([command]) => command)).toEqual([]);
  const verbs = [...text.matchAll(/(?:`doubleshot|npm run doubleshot --) ([a-z-]+)/g)].map(([, verb = ""]) => verb);
  expect(verbs.filter((verb) => !(verb in commands))).toEqual([]);
});

const programs = git("ls-files", "--cached", "--others", "--exclude-standard")
  .filter((file) => /(\.(ts|tsx|js|json|yml|sh)|Dockerfile|\.ci\/run)$/.test(file) && existsSync(root(file)))
  .map(textOf)
  .join("\n");
const words = new Set(programs.match(/[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+/g));

test.each(documents)("%s names variables that programs know", (page) => {
  const named = [...read(page).matchAll(/`([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)[`=]/g)].map(([, name = ""]) => name);
  expect(named.filter((name) => !words.has(name))).toEqual([]);
});

/** Commands that fetch a package by its name: outside the checkout, `doubleshot` on npm is somebody else's program. */
const foreignCommand = /(npx|npm (exec|x)|pnpm dlx|yarn dlx|bunx|npm (i|install)( -g)?)( -[\w-]+)* doubleshot\b/;

test.each(["npx doubleshot status", "npx -y doubleshot", "npm exec -- doubleshot", "npm install -g doubleshot"])(
  "%s is a command that may be somebody else's",
  (command) => expect(command).toMatch(foreignCommand),
);

test("nothing names a command that may be somebody else's", () => {
  const files = [...git("ls-files", "*.md"), ...sourceFiles()].filter((file) => file !== ".ci/docs.test.ts");
  expect(files.length).toBeGreaterThan(100);
  expect(files.filter((file) => foreignCommand.test(textOf(file)))).toEqual([]);
});
