import { createServer, type Server } from "node:http";
import {
  GetBucketLifecycleConfigurationCommand,
  GetObjectCommand,
  PutBucketLifecycleConfigurationCommand,
  PutObjectCommand,
} from "@aws-sdk/client-s3";
import { expect, onTestFinished, test } from "vitest";
import { createAwsClients } from "../clients/aws-clients.ts";
import { useEndpoints } from "../endpoints.fixture.ts";
import type { Topology } from "../topology.ts";
import { provision } from "./provision.ts";
import { ProvisionError } from "./provision-report.ts";

const aws = useEndpoints();

const claims = (expireAfterDays = 35): Topology => ({
  tables: {},
  topics: {},
  queues: {},
  subscriptions: [],
  mappings: {},
  buckets: { claims: { expireAfterDays } },
});
const made = async (shop: string, days?: number, at = aws.clients) => {
  const { parts } = await provision({ topology: claims(days), shop, clients: at });
  return parts.map(({ state, kind, name }) => `${state} ${kind} ${name}`);
};
const rules = async (Bucket: string) =>
  (await aws.clients.s3.send(new GetBucketLifecycleConfigurationCommand({ Bucket }))).Rules;

test("a bucket is made with its expiry, found by the next run, and stores objects by key", async () => {
  expect(await made("one")).toEqual(["made bucket one-claims", "made expiry one-claims after 35 days"]);
  expect(await made("one")).toEqual(["there bucket one-claims", "there expiry one-claims after 35 days"]);
  expect(await rules("one-claims")).toMatchObject([{ Status: "Enabled", Expiration: { Days: 35 } }]);
  const object = { Bucket: "one-claims", Key: "doubleshot/orders/1" };
  await aws.clients.s3.send(new PutObjectCommand({ ...object, Body: "large" }));
  const { Body } = await aws.clients.s3.send(new GetObjectCommand(object));
  expect(await Body?.transformToString()).toBe("large");
});

test("another number of days replaces the rule, and keeps the rules of others", async () => {
  await made("two");
  const [ours] = (await rules("two-claims")) ?? [];
  const theirs = { ID: "theirs", Status: "Enabled", Filter: { Prefix: "x" }, Expiration: { Days: 1 } } as const;
  const LifecycleConfiguration = { Rules: [theirs, ...(ours ? [ours] : [])] };
  await aws.clients.s3.send(
    new PutBucketLifecycleConfigurationCommand({ Bucket: "two-claims", LifecycleConfiguration }),
  );
  expect(await made("two", 60)).toContain("changed expiry two-claims after 60 days");
  expect(await rules("two-claims")).toMatchObject([
    { ID: "theirs", Expiration: { Days: 1 } },
    { Expiration: { Days: 60 } },
  ]);
});

test("two runs at once make one bucket", async () => {
  const runs = await Promise.all([made("three"), made("three"), made("three")]);
  expect(runs.every((parts) => parts.length === 2)).toBe(true);
});

/** An S3 that answers each request by script. */
async function scriptedS3(answer: (method: string, url: string) => { status: number; body?: string }) {
  const server: Server = createServer(({ method = "", url = "" }, response) => {
    const { status, body = "" } = answer(method, url);
    response.writeHead(status, { "content-type": "application/xml" }).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const s3 = `http://127.0.0.1:${typeof address === "object" && address ? address.port : 0}`;
  const scripted = createAwsClients({ endpoints: { ...aws.endpoints, s3 } });
  onTestFinished(() => {
    scripted.destroy();
    server.close();
  });
  return scripted;
}

const refusal = (code: string) => `<Error><Code>${code}</Code><Message>${code}</Message></Error>`;

test("a bucket of another account is refused", async () => {
  const theirs = await scriptedS3(() => ({ status: 403 }));
  await expect(made("shop", 35, theirs)).rejects.toThrow(ProvisionError);
  const taken = await scriptedS3((method) =>
    method === "HEAD" ? { status: 404 } : { status: 409, body: refusal("BucketAlreadyExists") },
  );
  await expect(made("shop", 35, taken)).rejects.toThrow("choose another SHOP");
});

test("an emulator without lifecycle rules still makes the bucket", async () => {
  const bare = await scriptedS3((_, url) =>
    url.includes("lifecycle") ? { status: 501, body: refusal("NotImplemented") } : { status: 200 },
  );
  expect(await made("shop", 35, bare)).toEqual(["there bucket shop-claims"]);
});
