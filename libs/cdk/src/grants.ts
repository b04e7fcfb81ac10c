import { Grant, type IGrantable } from "aws-cdk-lib/aws-iam";
import type { IKey } from "aws-cdk-lib/aws-kms";

/** Allows the actions on the resources, and nothing when there is no action. */
export function allow(grantee: IGrantable, actions: readonly string[], ...resourceArns: readonly string[]): void {
  Grant.addToPrincipal({ grantee, actions: [...actions], resourceArns: [...resourceArns] }).assertSuccess();
}

/**
 * The rights on a key that a caller of its resource needs, where the key is customer-managed. The key's policy must let the account's IAM policies
 * decide, as that of `new Key(...)` does.
 */
export const keyActions = {
  /** @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html */
  table: ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"],
  stream: ["kms:Decrypt"],
  /** @see https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html */
  publish: ["kms:Decrypt", "kms:GenerateDataKey"],
  /** @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html */
  send: ["kms:Decrypt", "kms:GenerateDataKey"],
  receive: ["kms:Decrypt"],
  put: ["kms:Decrypt", "kms:GenerateDataKey"],
  get: ["kms:Decrypt"],
} as const;

/** Allows the use of a resource's key, if it has one. */
export function allowKey(grantee: IGrantable, key: IKey | undefined, use: keyof typeof keyActions): void {
  if (key !== undefined) allow(grantee, keyActions[use], key.keyArn);
}
