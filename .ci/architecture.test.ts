import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { root, sourceFiles, textOf } from "./source-files.ts";

// The architecture leads to any file in two steps: from the page to a folder, and there to the file by its name.

const isThere = (path: string) => existsSync(join(root, path));
const architecture = textOf("docs/architecture.md");

test("the architecture names files and folders that are there, and every package", () => {
  const named = [...architecture.matchAll(/`((?:libs|services|lambdas|tests|bench|\.ci)\b[\w./-]*)`/g)].map(
    ([, path = ""]) => path,
  );
  expect(named.length).toBeGreaterThan(30);
  expect(named.filter((path) => !isThere(path))).toEqual([]);
  const packages = ["libs", "services", "lambdas"].flatMap((layer) =>
    readdirSync(join(root, layer)).map((folder) => `${layer}/${folder}`),
  );
  expect(packages.filter((folder) => !named.some((path) => path.startsWith(folder)))).toEqual([]);
});

/** The list of the library's folders is a block of text, in their order. */
const [, foldersOfTheLibrary = ""] = /^```\n(.+?)^```/ms.exec(architecture) ?? [];

test("the architecture or the package's README names every folder of a package, at any depth", () => {
  const folders = sourceFiles().flatMap((file) => {
    const [, name = "", path = ""] =
      /^((?:libs|services|lambdas|tests)\/[\w-]+|bench|infra|containers)\/(?:(?:src|test)\/)?(.+)\/[^/]+$/.exec(file) ??
      [];
    return path.split("/").flatMap((folder) => (/^(src|test|)$/.test(folder) ? [] : `${name} ${folder}`));
  });
  const unnamed = [...new Set(folders)].filter((each) => {
    const [name = "", folder = ""] = each.split(" ");
    const readme = isThere(`${name}/README.md`) ? textOf(`${name}/README.md`) : "";
    const rows = architecture.split("\n").filter((row) => row.includes(`\`${name}`));
    const about = [readme, ...rows, ...(name === "libs/messaging" ? [foldersOfTheLibrary] : [])].join("\n");
    return !new RegExp(`(^|[\`/]|, )${folder}([\`/ ,]|$)`, "m").test(about);
  });
  expect(folders.length).toBeGreaterThan(100);
  expect(unnamed).toEqual([]);
});
