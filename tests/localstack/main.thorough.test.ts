import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const main = fileURLToPath(new URL("./main.ts", import.meta.url));
const endpoint = {
  AWS_ENDPOINT_URL: "http://127.0.0.1:1",
  AWS_REGION: "us-east-1",
  AWS_ACCESS_KEY_ID: "test",
  AWS_SECRET_ACCESS_KEY: "test",
};

test.each([
  [
    "that is down",
    {},
    // On a busy machine, a line may say before that the endpoint is being waited for.
    /(^|\n)(DynamoDB|SQS|SNS|S3) does not answer at http:\/\/127\.0\.0\.1:1: [^\n]+ or correct AWS_ENDPOINT_URL\.\n$/,
  ],
  ["without a region", { AWS_REGION: undefined }, /^AWS_REGION is not set: [^\n]+\.\n$/],
  ["without credentials", { AWS_ACCESS_KEY_ID: undefined }, /^There are no AWS credentials: [^\n]+\.\n$/],
])("test:localstack on an endpoint %s ends with one sentence, and counts as a failure", (_, env, sentence) => {
  const { PATH, HOME } = process.env;
  const { status, stdout, stderr } = spawnSync(process.execPath, [main], {
    encoding: "utf8",
    env: { PATH, HOME, AWS_EC2_METADATA_DISABLED: "true", ...endpoint, ...env },
  });
  expect(stderr).toMatch(sentence);
  expect([status, stdout]).toEqual([1, "0 passed, 1 failed\n"]);
});
