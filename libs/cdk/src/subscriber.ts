import * as infrastructure from "@doubleshot/messaging/infrastructure";
import { Duration, Stack, Token } from "aws-cdk-lib";
import type { Alarm } from "aws-cdk-lib/aws-cloudwatch";
import { type IGrantable, PolicyStatement, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import {
  CfnEventSourceMapping,
  type CfnEventSourceMappingProps,
  type Function as Lambda,
} from "aws-cdk-lib/aws-lambda";
import { CfnSubscription, type CfnSubscriptionProps } from "aws-cdk-lib/aws-sns";
import { Construct } from "constructs";
import { addAlarm } from "./alarms.ts";
import { fromApi } from "./api-settings.ts";
import type { Inbox, ResourceProps } from "./data-table.ts";
import { Queue } from "./queue.ts";

/** Physical names. A name that is left out is CloudFormation's. All end in `.fifo`. */
export interface SubscriberNames {
  readonly queue?: string;
  readonly deadLetters?: string;
  readonly undelivered?: string;
}

export interface SubscriberProps extends ResourceProps {
  /** Topics of this account or of others: those name this account in the `subscriberAccounts` of their outbox. */
  readonly topicArns: readonly string[];
  readonly inbox: Inbox;
  readonly names?: SubscriberNames | undefined;
  /** The function that runs `lambdaConsumer(...)`. Without it, processes `poll` the queue. */
  readonly function?: Lambda | undefined;
  /** An alarm is raised when a message is this old. Default: 5 minutes. */
  readonly maxAge?: Duration | undefined;
}

/**
 * A subscriber's queue with its dead letters, its subscriptions with their undelivered messages, and alarms for all of them.
 *
 * ```ts
 * const kitchen = new Subscriber(this, "Kitchen", { topicArns: [outbox.topicArn], inbox });
 * kitchen.grantConsume(service.taskDefinition.taskRole);
 * ```
 */
export class Subscriber extends Construct {
  readonly queue: Queue;
  readonly deadLetters: Queue;
  readonly undelivered: Queue;
  readonly alarms: readonly Alarm[];
  readonly #inbox: Inbox;

  constructor(scope: Construct, id: string, props: SubscriberProps) {
    super(scope, id);
    const { names = {}, encryptionKey, inbox, function: consumer } = props;
    this.#inbox = inbox;
    const deadLetterQueue = { attributes: infrastructure.deadLetterQueue, encryptionKey };
    this.deadLetters = new Queue(this, "DeadLetters", { ...deadLetterQueue, queueName: names.deadLetters });
    this.undelivered = new Queue(this, "Undelivered", { ...deadLetterQueue, queueName: names.undelivered });
    this.queue = new Queue(this, "Queue", {
      attributes: {
        ...infrastructure.subscriberQueue,
        ...(consumer && { VisibilityTimeout: visibilityFor(consumer) }),
      },
      queueName: names.queue,
      encryptionKey,
      redrivePolicy: JSON.parse(infrastructure.redrivePolicy(this.deadLetters.queueArn)),
    });
    this.#subscribe(props);
    if (consumer !== undefined) this.#invoke(consumer);
    this.alarms = this.#alarms(props);
  }

  /** Allows `poll` and its handlers' inbox rows. The handlers' own writes need `Outbox.grantCommit` and the like. */
  grantConsume(grantee: IGrantable): void {
    const { consume } = infrastructure.permissions;
    this.#inbox.grant(grantee, consume.inbox);
    this.queue.grantReceive(grantee, consume.queue);
    this.deadLetters.grantSend(grantee, consume.deadLetters);
  }

  #subscribe({ topicArns, encryptionKey }: SubscriberProps): void {
    for (const topicArn of topicArns) {
      for (const queue of [this.queue, this.undelivered]) {
        for (const statement of JSON.parse(infrastructure.queuePolicy(queue.queueArn, topicArn)).Statement) {
          queue.addToPolicy(statement);
        }
      }
    }
    const { RedrivePolicy, ...delivery } = infrastructure.subscription(this.undelivered.queueArn);
    for (const [index, topicArn] of topicArns.entries()) {
      const subscription = new CfnSubscription(this, `Subscription${index}`, {
        topicArn,
        protocol: "sqs",
        endpoint: this.queue.queueArn,
        ...fromApi<Partial<CfnSubscriptionProps>>(delivery),
        redrivePolicy: JSON.parse(RedrivePolicy),
      });
      subscription.node.addDependency(this.queue.policy, this.undelivered.policy);
    }
    // By account: the ARN of a topic that has the same key would make a circle of topic, key and policy.
    const accounts = [...new Set(topicArns.map((arn) => this.#accountOf(arn)))];
    encryptionKey?.addToResourcePolicy(
      new PolicyStatement({
        principals: [new ServicePrincipal("sns.amazonaws.com")],
        actions: ["kms:Decrypt", "kms:GenerateDataKey"],
        resources: ["*"],
        conditions: { StringEquals: { "aws:SourceAccount": accounts } },
      }),
    );
  }

  /** A topic whose ARN is not known yet is one of this account. */
  #accountOf(topicArn: string): string {
    const account = Token.isUnresolved(topicArn) ? undefined : topicArn.split(":")[4];
    return account ?? Stack.of(this).account;
  }

  #invoke(consumer: Lambda): void {
    this.grantConsume(consumer);
    this.queue.grantReceive(consumer, infrastructure.permissions.consumeByLambda.queue);
    const mapping = new CfnEventSourceMapping(this, "Mapping", {
      ...fromApi<CfnEventSourceMappingProps>(infrastructure.consumerMapping),
      functionName: consumer.functionName,
      eventSourceArn: this.queue.queueArn,
    });
    // Lambda checks the role's rights when the mapping is made.
    if (consumer.role) mapping.node.addDependency(consumer.role);
  }

  #alarms({ alarmActions: actions, maxAge = Duration.minutes(5) }: SubscriberProps): Alarm[] {
    const dead = this.deadLetters.metric("ApproximateNumberOfMessagesVisible");
    const undelivered = this.undelivered.metric("ApproximateNumberOfMessagesVisible");
    return [
      addAlarm(this, "MessagesDead", {
        metric: dead,
        threshold: 1,
        description: "A handler kept failing: correct it, then redrive its dead letters.",
        actions,
      }),
      addAlarm(this, "MessagesUndelivered", {
        metric: undelivered,
        threshold: 1,
        description: "SNS could not deliver a message: correct the queue's policy or key, then redrive.",
        actions,
      }),
      addAlarm(this, "MessagesOld", {
        metric: this.queue.metric("ApproximateAgeOfOldestMessage"),
        threshold: maxAge.toSeconds(),
        periods: 3,
        description: "The oldest message waits too long: consumers are down, too few, or blocked.",
        actions,
      }),
      ...this.#inbox.alarms,
    ];
  }
}

/** Lambda's own advice: six times the function's timeout. @see https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html */
function visibilityFor({ timeout = Duration.seconds(3) }: Lambda): string {
  return String(6 * timeout.toSeconds());
}
