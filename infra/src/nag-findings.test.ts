import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Bucket } from "aws-cdk-lib/aws-s3";
import { expect, test } from "vitest";
import { testApps } from "./app.fixture.ts";
import { type StageName, stages } from "./stage.ts";

const app = testApps();
const another = testApps();

test.each(Object.keys(stages) as StageName[])("cdk-nag finds nothing in stage %s that is not explained", (stage) => {
  expect(() => app(stage).app.synth()).not.toThrow();
});

test("a resource that is not safe is found, and there is no template", () => {
  const unsafe = another("test");
  new Bucket(unsafe.data, "Open");
  expect(() => unsafe.app.synth()).toThrow(expect.objectContaining({ name: "ValidationFailed" }));
  const report = readFileSync(join(unsafe.app.outdir, "validation-report.json"), "utf8");
  expect(report).toMatch(/AwsSolutions-S10/);
});
