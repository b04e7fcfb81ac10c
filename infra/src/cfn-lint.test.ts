import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";
import { testApps } from "./app.fixture.ts";
import { type StageName, stages } from "./stage.ts";

// Runs where CFN_LINT names the program, as .ci/python-program prints it.

const app = testApps();
const cfnLint = process.env.CFN_LINT ?? "";

test.each(Object.keys(stages) as StageName[])("cfn-lint accepts the templates of stage %s", (stage) => {
  const { app: cdk, data, services } = app(stage);
  const folder = cdk.synth().directory;
  const files = [data, services].map(({ templateFile }) => `${folder}/${templateFile}`);
  // W3005: the CDK lets a function depend on its role and on the role's policy, and the first of them is superfluous.
  const options = ["--regions", "eu-central-1", "--ignore-checks", "W3005", "--"];
  const { status, stdout, stderr } = spawnSync(cfnLint, [...options, ...files], { encoding: "utf8" });
  expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: "", stderr: "" });
});
