import { DescribeTableCommand, ResourceNotFoundException } from "@aws-sdk/client-dynamodb";
import { afterEach, expect, test, vi } from "vitest";
import { createAwsClients } from "./aws-clients.ts";
import { failureSentence, missingSentence } from "./failure-sentence.ts";

afterEach(() => vi.unstubAllEnvs());

/** The sentence for a DescribeTable in a region of AWS that fails with the error. */
async function sentenceOf(error: Error): Promise<string | undefined> {
  const env = { AWS_REGION: "us-west-2", AWS_ENDPOINT_URL: "", AWS_ENDPOINT_URL_DYNAMODB: "" };
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
  const clients = createAwsClients();
  clients.dynamodb.middlewareStack.add(() => () => Promise.reject(error), { step: "initialize", priority: "low" });
  await expect(clients.dynamodb.send(new DescribeTableCommand({ TableName: "shop-orders" }))).rejects.toBe(error);
  clients.destroy();
  return failureSentence(error);
}

test("a table missing in a region of AWS is named with the region, without the advice to provision", async () => {
  const missing = new ResourceNotFoundException({ message: "not found", $metadata: {} });
  expect(await sentenceOf(missing)).toBe(
    "Table shop-orders is not at AWS in us-west-2: correct AWS_REGION, SHOP or TOPOLOGY.",
  );
});

test("on an endpoint too, the region comes first: a wrong one hides a complete shop", () => {
  const endpoint = { service: "SQS", where: "http://127.0.0.1:9711", region: "eu-central-1" } as const;
  expect(missingSentence("Queue shop-orders", endpoint)).toBe(
    "Queue shop-orders is not at http://127.0.0.1:9711 in region eu-central-1: correct AWS_REGION, SHOP, TOPOLOGY or AWS_ENDPOINT_URL_SQS, or if they are right, provision it (npm run provision).",
  );
});

test("a refusal names the call and the endpoint", async () => {
  const refused = Object.assign(new Error("no"), { name: "AccessDeniedException" });
  expect(await sentenceOf(refused)).toBe(
    "DynamoDB at AWS in us-west-2 refuses DescribeTable (AccessDeniedException): correct the AWS credentials or their rights.",
  );
});

test.each([
  ["AWS_ENDPOINT_URL", { AWS_ENDPOINT_URL: "http://127.0.0.1:1" }],
  ["AWS_ENDPOINT_URL_SQS", { AWS_ENDPOINT_URL: "http://127.0.0.1:2", AWS_ENDPOINT_URL_SQS: "http://127.0.0.1:1" }],
])("the variable to correct is %s where the endpoint comes from it", (variable, env) => {
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
  const endpoint = { service: "SQS", where: "http://127.0.0.1:1", region: "us-east-1" } as const;
  expect(missingSentence("Queue shop-orders", endpoint)).toContain(`SHOP, TOPOLOGY or ${variable}, or if`);
});

test("an error that no call caused has no sentence", () => {
  expect(failureSentence(new TypeError("a bug"))).toBeUndefined();
});
