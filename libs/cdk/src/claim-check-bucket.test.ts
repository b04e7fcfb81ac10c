import { claimBucketLifecycle, permissions } from "@doubleshot/messaging/infrastructure";
import { Key } from "aws-cdk-lib/aws-kms";
import { expect, test } from "vitest";
import { ClaimCheckBucket } from "./claim-check-bucket.ts";
import { allowed, resource, statementsOf, testRole, testStack } from "./synth.fixture.ts";

test("the bucket is private, encrypted, kept, reached by TLS alone, and empties itself as the library says", () => {
  const stack = testStack();
  new ClaimCheckBucket(stack, "Claims");
  const [{ Expiration }] = claimBucketLifecycle.Rules;
  expect(resource(stack, "AWS::S3::Bucket")).toMatchObject({
    DeletionPolicy: "Retain",
    Properties: {
      BucketEncryption: {
        ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: "AES256" } }],
      },
      LifecycleConfiguration: { Rules: [{ Status: "Enabled", ExpirationInDays: Expiration.Days }] },
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
    },
  });
  expect(statementsOf(resource(stack, "AWS::S3::BucketPolicy"))).toMatchObject([
    { Effect: "Deny", Condition: { Bool: { "aws:SecureTransport": "false" } } },
  ]);
});

test("publishers put and subscribers get, each with the rights of the library's list", () => {
  const stack = testStack();
  const claims = new ClaimCheckBucket(stack, "Claims");
  claims.grantPut(testRole(stack, "Publisher"));
  claims.grantGet(testRole(stack, "Subscriber"));
  const on = (actions: readonly string[]) => actions.map((action) => `${action} ClaimsBucket/*`);
  expect(allowed(stack, "Publisher")).toEqual(on(permissions.putClaims.bucket));
  expect(allowed(stack, "Subscriber")).toEqual(on(permissions.getClaims.bucket));
});

test("with a customer-managed key, publishers may encrypt and subscribers decrypt", () => {
  const stack = testStack();
  const claims = new ClaimCheckBucket(stack, "Claims", { encryptionKey: new Key(stack, "Key") });
  claims.grantPut(testRole(stack, "Publisher"));
  claims.grantGet(testRole(stack, "Subscriber"));
  const keyRights = (role: string) => allowed(stack, role).filter((line) => line.startsWith("kms:"));
  expect(keyRights("Publisher")).toEqual(["kms:Decrypt Key", "kms:GenerateDataKey Key"]);
  expect(keyRights("Subscriber")).toEqual(["kms:Decrypt Key"]);
  expect(resource(stack, "AWS::S3::Bucket").Properties.BucketEncryption).toMatchObject({
    ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: "aws:kms" } }],
  });
});
