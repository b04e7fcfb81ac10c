import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

// The workflow of CI elsewhere runs what the repository has, with the versions that the repository names.

const read = (path: string) => readFileSync(fileURLToPath(new URL(`../${path}`, import.meta.url)), "utf8");
const workflow = read(".github/workflows/ci.yml");
const { scripts, engines } = JSON.parse(read("package.json"));

test("every npm script that the workflow runs exists", () => {
  const run = [...workflow.matchAll(/npm run ([\w:]+)/g)].map(([, name = ""]) => name);
  expect(run.length).toBeGreaterThan(2);
  expect(run.filter((name) => !(name in scripts))).toEqual([]);
});

test("the workflow tries the oldest Node that package.json allows, and the newest", () => {
  expect(engines.node).toMatch(/^>=/);
  expect(workflow).toContain(`node: ["${engines.node.slice(2)}", latest]`);
});

test("the workflow and compose use the same LocalStack", () => {
  const compose = fileURLToPath(new URL("../docker-compose.yml", import.meta.url));
  const [image = ""] = /localstack\/localstack:[\d.]+/.exec(workflow) ?? [];
  expect(image).toMatch(/:4\.14\.\d+$/);
  if (existsSync(compose)) expect(readFileSync(compose, "utf8")).toContain(image);
});
