import { RemovalPolicy } from "aws-cdk-lib";
import { PolicyStatement, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { Key } from "aws-cdk-lib/aws-kms";
import { Topic } from "aws-cdk-lib/aws-sns";
import { EmailSubscription } from "aws-cdk-lib/aws-sns-subscriptions";
import { Construct } from "constructs";
import type { Settings } from "../stage.ts";

/** The topic that all alarms go to. People and tools subscribe to it. */
export class AlarmTopic extends Construct {
  readonly topic: Topic;

  constructor(scope: Construct, id: string, { alarmEmail }: Pick<Settings, "alarmEmail">) {
    super(scope, id);
    // CloudWatch may not use the key that AWS manages for SNS, so the topic has one of its own.
    const masterKey = new Key(this, "Key", { enableKeyRotation: true, removalPolicy: RemovalPolicy.DESTROY });
    masterKey.addToResourcePolicy(
      new PolicyStatement({
        principals: [new ServicePrincipal("cloudwatch.amazonaws.com")],
        actions: ["kms:Decrypt", "kms:GenerateDataKey"],
        resources: ["*"],
      }),
    );
    this.topic = new Topic(this, "Topic", { masterKey, enforceSSL: true });
    this.topic.grantPublish(new ServicePrincipal("cloudwatch.amazonaws.com"));
    if (alarmEmail !== undefined) this.topic.addSubscription(new EmailSubscription(alarmEmail));
  }
}
