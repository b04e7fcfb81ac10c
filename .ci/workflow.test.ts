import { readFileSync } from "node:fs";
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

test("the workflow and the containers use the same LocalStack", () => {
  const [, image = ""] = /^ARG ENDPOINT_IMAGE=(\S+)$/m.exec(read("containers/Dockerfile")) ?? [];
  expect(image).toMatch(/^localstack\/localstack:4\.14\.\d+$/);
  expect(workflow).toContain(`image: ${image}\n`);
});
