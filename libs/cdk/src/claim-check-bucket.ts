import { claimBucketLifecycle, permissions } from "@doubleshot/messaging/infrastructure";
import { Duration, RemovalPolicy } from "aws-cdk-lib";
import type { IGrantable } from "aws-cdk-lib/aws-iam";
import { BlockPublicAccess, Bucket, BucketEncryption } from "aws-cdk-lib/aws-s3";
import { Construct } from "constructs";
import type { ResourceProps } from "./data-table.ts";
import { allow, allowKey } from "./grants.ts";

export interface ClaimCheckBucketProps extends Omit<ResourceProps, "alarmActions"> {
  readonly bucketName?: string | undefined;
}

/** The bucket for data that is too large for a message. It is private, encrypted, and empties itself. */
export class ClaimCheckBucket extends Construct {
  readonly bucket: Bucket;
  readonly #props: ClaimCheckBucketProps;

  constructor(scope: Construct, id: string, props: ClaimCheckBucketProps = {}) {
    super(scope, id);
    const { bucketName, encryptionKey, removalPolicy = RemovalPolicy.RETAIN } = props;
    this.#props = props;
    this.bucket = new Bucket(this, "Bucket", {
      bucketName,
      ...(encryptionKey
        ? { encryption: BucketEncryption.KMS, encryptionKey, bucketKeyEnabled: true }
        : { encryption: BucketEncryption.S3_MANAGED }),
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      enforceSSL: true,
      removalPolicy,
      lifecycleRules: claimBucketLifecycle.Rules.map(({ ID, Expiration }) => ({
        id: ID,
        expiration: Duration.days(Expiration.Days),
      })),
    });
  }

  /** Allows publishers to put the data of their events. */
  grantPut(grantee: IGrantable): void {
    this.#allow(grantee, permissions.putClaims.bucket, "put");
  }

  /** Allows subscribers to get it. */
  grantGet(grantee: IGrantable): void {
    this.#allow(grantee, permissions.getClaims.bucket, "get");
  }

  #allow(grantee: IGrantable, actions: readonly string[], use: "put" | "get"): void {
    allow(grantee, actions, this.bucket.arnForObjects("*"));
    allowKey(grantee, this.#props.encryptionKey, use);
  }
}
