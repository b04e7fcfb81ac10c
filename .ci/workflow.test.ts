import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

// `.github/workflows/ci.yml` runs only scripts of `package.json`, on the Node and LocalStack versions that the repository pins.

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
  // `npm test` leaves out the package as adopters install it, and the signals of processes.
  expect(workflow).not.toContain("npm test\n");
});

test("the workflow and the containers use the same LocalStack", () => {
  const [, image = ""] = /^ARG ENDPOINT_IMAGE=(\S+)$/m.exec(read("containers/Dockerfile")) ?? [];
  // 4.14 is the last version whose image runs without a token.
  expect(image).toMatch(/^localstack\/localstack:4\.14\.\d+$/);
  expect(workflow).toContain(`image: ${image}\n`);
});
