import {
  BucketAlreadyExists,
  BucketAlreadyOwnedByYou,
  type BucketLocationConstraint,
  CreateBucketCommand,
  GetBucketLifecycleConfigurationCommand,
  HeadBucketCommand,
  type LifecycleRule,
  PutBucketLifecycleConfigurationCommand,
  type S3Client,
  S3ServiceException,
} from "@aws-sdk/client-s3";
import type { BucketSpec } from "../topology.ts";
import { ProvisionError, type Report } from "./provision-report.ts";

interface BucketTask {
  readonly s3: S3Client;
  readonly bucket: string;
  readonly spec: BucketSpec;
  readonly report: Report;
}

/**
 * Creates the bucket, and the lifecycle rule by which S3 deletes its objects. An emulator may not support the rule, or may
 * never act on it. It still has the bucket, and objects stay.
 */
export async function provisionBucket(task: BucketTask): Promise<void> {
  const { s3, bucket, report } = task;
  const made = !(await bucketExists(s3, bucket)) && (await createBucket(s3, bucket));
  report("bucket", bucket, made ? "made" : "there");
  await completeExpiry(task);
}

export async function bucketExists(s3: S3Client, bucket: string): Promise<boolean> {
  try {
    await s3.send(new HeadBucketCommand({ Bucket: bucket }));
    return true;
  } catch (error) {
    if (statusOf(error) === 404) return false;
    // An answer to HEAD has no body with the reason.
    if (statusOf(error) === 403) throw foreignBucket(bucket);
    throw error;
  }
}

async function createBucket(s3: S3Client, bucket: string): Promise<boolean> {
  const region = await s3.config.region();
  try {
    await s3.send(
      new CreateBucketCommand({
        Bucket: bucket,
        // us-east-1 is the one region that must not be named. The cast is there because AWS has regions that are not in
        // the SDK's list.
        ...(region !== "us-east-1" && {
          CreateBucketConfiguration: { LocationConstraint: region as BucketLocationConstraint },
        }),
      }),
    );
    return true;
  } catch (error) {
    if (error instanceof BucketAlreadyOwnedByYou) return false; // another run is making it at this moment
    if (error instanceof BucketAlreadyExists) throw foreignBucket(bucket);
    throw error;
  }
}

async function completeExpiry({ s3, bucket, spec, report }: BucketTask): Promise<void> {
  const name = `${bucket} after ${spec.expireAfterDays} days`;
  const found = await lifecycleRules(s3, bucket);
  if (found === "unsupported") return;
  if (found.some((rule) => rule.ID === ruleId && rule.Expiration?.Days === spec.expireAfterDays)) {
    report("expiry", name, "there");
    return;
  }
  const rule: LifecycleRule = {
    ID: ruleId,
    Status: "Enabled",
    Filter: { Prefix: "" },
    Expiration: { Days: spec.expireAfterDays },
  };
  // The call replaces all rules of the bucket, so it repeats the rules of others.
  const Rules = [...found.filter(({ ID }) => ID !== ruleId), rule];
  await s3.send(new PutBucketLifecycleConfigurationCommand({ Bucket: bucket, LifecycleConfiguration: { Rules } }));
  report("expiry", name, found.length > 0 ? "changed" : "made");
}

const ruleId = "expire";

async function lifecycleRules(s3: S3Client, bucket: string): Promise<LifecycleRule[] | "unsupported"> {
  try {
    return (await s3.send(new GetBucketLifecycleConfigurationCommand({ Bucket: bucket }))).Rules ?? [];
  } catch (error) {
    if (error instanceof Error && error.name === "NoSuchLifecycleConfiguration") return [];
    if (statusOf(error) === 501) return "unsupported";
    throw error;
  }
}

function foreignBucket(bucket: string): ProvisionError {
  return new ProvisionError(
    `Bucket ${bucket} belongs to another AWS account (S3 bucket names are global) or may not be read: choose another SHOP, or correct the rights.`,
  );
}

function statusOf(error: unknown): number | undefined {
  return error instanceof S3ServiceException ? error.$metadata.httpStatusCode : undefined;
}
