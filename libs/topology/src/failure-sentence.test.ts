import { DescribeTableCommand, ResourceNotFoundException } from "@aws-sdk/client-dynamodb";
import { afterEach, expect, test, vi } from "vitest";
import { createAwsClients } from "./aws-clients.ts";
import { failureSentence } from "./failure-sentence.ts";

afterEach(() => vi.unstubAllEnvs());

/** What is said when a look at a table in a region of AWS ends with the error. */
async function said(error: Error): Promise<string | undefined> {
  const env = { AWS_REGION: "us-west-2", AWS_ENDPOINT_URL: "", AWS_ENDPOINT_URL_DYNAMODB: "" };
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
  const clients = createAwsClients();
  clients.dynamodb.middlewareStack.add(() => () => Promise.reject(error), { step: "initialize", priority: "low" });
  await expect(clients.dynamodb.send(new DescribeTableCommand({ TableName: "shop-orders" }))).rejects.toBe(error);
  clients.destroy();
  return failureSentence(error);
}

test("a table missing in a region of AWS is named with the region, and no second shop is advised", async () => {
  const missing = new ResourceNotFoundException({ message: "not found", $metadata: {} });
  expect(await said(missing)).toBe(
    "Table shop-orders is not at AWS in us-west-2: correct AWS_REGION, SHOP or TOPOLOGY.",
  );
});

test("a refusal names the call and the place", async () => {
  const refused = Object.assign(new Error("no"), { name: "AccessDeniedException" });
  expect(await said(refused)).toBe(
    "DynamoDB at AWS in us-west-2 refuses DescribeTable (AccessDeniedException): correct the AWS credentials or their rights.",
  );
});

test("of an error that no call has ended nothing is said", () => {
  expect(failureSentence(new TypeError("a bug"))).toBeUndefined();
});
