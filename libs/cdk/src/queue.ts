import { Duration, Names } from "aws-cdk-lib";
import { Metric, Stats } from "aws-cdk-lib/aws-cloudwatch";
import { AnyPrincipal, Effect, type IGrantable, PolicyStatement } from "aws-cdk-lib/aws-iam";
import type { IKey } from "aws-cdk-lib/aws-kms";
import { CfnQueue, CfnQueuePolicy, type CfnQueueProps } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";
import { fromApi } from "./api-settings.ts";
import { allow, allowKey } from "./grants.ts";

export interface QueueProps {
  /** `CreateQueue`'s attributes. */
  readonly attributes: { readonly MessageRetentionPeriod: string; readonly FifoQueue?: string };
  readonly queueName?: string | undefined;
  readonly encryptionKey?: IKey | undefined;
  readonly redrivePolicy?: object | undefined;
}

/** An encrypted queue that refuses connections without TLS. */
export class Queue extends Construct {
  readonly queueUrl: string;
  readonly queueName: string;
  readonly queueArn: string;
  readonly #key: IKey | undefined;
  readonly #statements: object[] = [];
  /** Subscriptions depend on it: SNS drops messages that it may not deliver. */
  readonly policy: Construct;

  constructor(scope: Construct, id: string, { attributes, queueName, encryptionKey, redrivePolicy }: QueueProps) {
    super(scope, id);
    this.#key = encryptionKey;
    const queue = new CfnQueue(this, "Resource", {
      ...fromApi<CfnQueueProps>(attributes),
      queueName: queueName ?? (attributes.FifoQueue === "true" ? fifoName(this) : undefined),
      redrivePolicy,
      ...(encryptionKey ? { kmsMasterKeyId: encryptionKey.keyArn } : { sqsManagedSseEnabled: true }),
    });
    this.queueUrl = queue.ref;
    this.queueName = queue.attrQueueName;
    this.queueArn = queue.attrArn;
    this.policy = new CfnQueuePolicy(this, "Policy", {
      queues: [queue.ref],
      policyDocument: { Version: "2012-10-17", Statement: this.#statements },
    });
    this.addToPolicy(onlyByTls(this.queueArn, "sqs:*").toStatementJson());
  }

  addToPolicy(statement: object): void {
    this.#statements.push(statement);
  }

  grantSend(grantee: IGrantable, actions: readonly string[]): void {
    allow(grantee, actions, this.queueArn);
    allowKey(grantee, this.#key, "send");
  }

  grantReceive(grantee: IGrantable, actions: readonly string[]): void {
    allow(grantee, actions, this.queueArn);
    allowKey(grantee, this.#key, "receive");
  }

  /** Messages in the queue, or the seconds since its oldest message came. */
  metric(metricName: "ApproximateNumberOfMessagesVisible" | "ApproximateAgeOfOldestMessage"): Metric {
    return new Metric({
      namespace: "AWS/SQS",
      metricName,
      dimensionsMap: { QueueName: this.queueName },
      statistic: Stats.MAXIMUM,
      period: Duration.minutes(1),
    });
  }
}

/** The names of FIFO queues and topics end in `.fifo`, and CloudFormation's own do not. */
export function fifoName(scope: Construct): string {
  return `${Names.uniqueResourceName(scope, { maxLength: 75 })}.fifo`;
}

/** Refuses the actions on the resource without TLS. */
export function onlyByTls(resource: string, ...actions: string[]): PolicyStatement {
  return new PolicyStatement({
    sid: "OnlyByTls",
    effect: Effect.DENY,
    principals: [new AnyPrincipal()],
    actions,
    resources: [resource],
    conditions: { Bool: { "aws:SecureTransport": "false" } },
  });
}
