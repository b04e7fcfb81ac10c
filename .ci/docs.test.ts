import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { git, sourceFiles, textOf } from "./source-files.ts";

// The pages name the tests that hold what they say: each of them must be there, under that name.

const root = (path: string) => fileURLToPath(new URL(`../${path}`, import.meta.url));
const read = (path: string) => readFileSync(root(path), "utf8");

const held = [...read("docs/bad-input.md").matchAll(/\| `([^`]+\.ts)`: (.+) \|$/gm)].map(
  ([, file = "", title = ""]) => [file, title],
);

const pages = readdirSync(root("docs")).filter((file) => file.endsWith(".md"));

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

test.each(["README.md", "CONTRIBUTING.md", ...pages.map((page) => `docs/${page}`)])(
  "%s links to what is there",
  (page) => {
    const folder = page.startsWith("docs/") ? "docs/" : "";
    const links = [...read(page).matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, to = ""]) => to);
    expect(links.filter((to) => !existsSync(root(folder + to)))).toEqual([]);
  },
);

test.each(["services/customers", "services/orders", "services/barista", "libs/service-host", "tests/loyalty-card"])(
  "the README of %s names files that are there",
  (folder) => {
    const text = read(`${folder}/README.md`);
    const files = [...text.matchAll(/`(src\/[\w./-]+?)\/?`/g)].map(([, file = ""]) => file);
    expect(files.length).toBeGreaterThan(0);
    expect(files.filter((file) => !existsSync(root(`${folder}/${file}`)))).toEqual([]);
  },
);

test("the architecture names files and folders that are there, and every package", () => {
  const page = read("docs/architecture.md");
  const named = [...page.matchAll(/`((?:libs|services|lambdas|tests|bench|\.ci)\b[\w./-]*)`/g)].map(
    ([, path = ""]) => path,
  );
  expect(named.length).toBeGreaterThan(30);
  expect(named.filter((path) => !existsSync(root(path)))).toEqual([]);
  const packages = ["libs", "services", "lambdas"].flatMap((layer) =>
    readdirSync(root(layer)).map((folder) => `${layer}/${folder}`),
  );
  expect(packages.filter((folder) => !named.some((path) => path.startsWith(folder)))).toEqual([]);
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
