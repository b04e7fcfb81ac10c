import * as infrastructure from "@doubleshot/messaging/infrastructure";
import { Duration } from "aws-cdk-lib";
import { type Alarm, Metric, Stats } from "aws-cdk-lib/aws-cloudwatch";
import { AccountPrincipal, type IGrantable, PolicyStatement } from "aws-cdk-lib/aws-iam";
import { CfnTopic, CfnTopicPolicy, type CfnTopicProps } from "aws-cdk-lib/aws-sns";
import { Construct } from "constructs";
import { addAlarm } from "./alarms.ts";
import { fromApi } from "./api-settings.ts";
import { DataTable, type ResourceProps } from "./data-table.ts";
import { allow, allowKey } from "./grants.ts";
import { fifoName, onlyByTls, Queue } from "./queue.ts";
import { Relay, type RelayCode } from "./relay.ts";

/** Physical names. A name that is left out is CloudFormation's. The topic's ends in `.fifo`. */
export interface OutboxNames {
  readonly outbox?: string;
  readonly parked?: string;
  readonly topic?: string;
  readonly relay?: string;
  readonly failedRecords?: string;
}

export interface OutboxProps extends ResourceProps {
  /** CloudEvents `source` of the events: the `source` of `createOutbox`. */
  readonly source: string;
  readonly relay: RelayCode;
  readonly names?: OutboxNames | undefined;
  /** Other accounts whose queues may subscribe to the topic. */
  readonly subscriberAccounts?: readonly string[] | undefined;
  /** Namespace of the relay's `emfMetrics`. With it, there is an alarm for parked events. */
  readonly metricsNamespace?: string | undefined;
}

/**
 * An outbox and its way to a topic: the table with its stream, the relay's function and mapping, the table for parked events, the
 * queue for failed records, the topic, and alarms for all of them.
 *
 * ```ts
 * const outbox = new Outbox(this, "Outbox", {
 *   source: "/notes",
 *   relay: { code: Code.fromAsset("dist"), handler: "lambda.handler" },
 * });
 * outbox.grantCommit(service.taskDefinition.taskRole, notesTable.tableArn);
 * ```
 */
export class Outbox extends Construct {
  readonly table: DataTable;
  readonly parked: DataTable;
  readonly failedRecords: Queue;
  readonly relay: Relay;
  readonly topicArn: string;
  readonly alarms: readonly Alarm[];

  constructor(scope: Construct, id: string, props: OutboxProps) {
    super(scope, id);
    const { source, names = {}, encryptionKey, metricsNamespace } = props;
    this.table = new DataTable(this, "Table", {
      ...props,
      settings: infrastructure.outboxTable,
      timeToLive: infrastructure.timeToLive.AttributeName,
      tableName: names.outbox,
    });
    this.parked = new DataTable(this, "Parked", {
      ...props,
      settings: infrastructure.parkedTable,
      tableName: names.parked,
    });
    this.failedRecords = new Queue(this, "FailedRecords", {
      attributes: infrastructure.failedRecordsQueue,
      queueName: names.failedRecords,
      encryptionKey,
    });
    this.topicArn = this.#topic(props);
    const metrics = metricsNamespace && { METRICS: "emf", METRICS_NAMESPACE: metricsNamespace };
    this.relay = new Relay(this, "Relay", {
      ...props.relay,
      environment: { ...metrics, ...props.relay.environment },
      functionName: names.relay,
      source,
      topicArn: this.topicArn,
      outbox: this.table,
      parked: this.parked,
      failedRecords: this.failedRecords,
    });
    allowKey(this.relay.function, encryptionKey, "publish");
    this.alarms = [...this.#alarms(props), ...this.table.alarms, ...this.parked.alarms];
  }

  /** Allows `outbox.commit` to write outbox rows, and the writes of commits to the service's own tables. */
  grantCommit(grantee: IGrantable, ...tableArns: readonly string[]): void {
    const { commit } = infrastructure.permissions;
    this.table.grant(grantee, commit.outbox);
    if (tableArns.length > 0) allow(grantee, commit.tables, ...tableArns);
  }

  /** Allows commits with `save.recreate`. */
  grantRecreate(grantee: IGrantable): void {
    this.table.grant(grantee, infrastructure.permissions.recreate.outbox);
  }

  #topic({ names = {}, encryptionKey, subscriberAccounts = [] }: OutboxProps): string {
    const topic = new CfnTopic(this, "Topic", {
      ...fromApi<CfnTopicProps>(infrastructure.topic),
      topicName: names.topic ?? fifoName(this),
      kmsMasterKeyId: encryptionKey ? encryptionKey.keyArn : "alias/aws/sns",
    });
    const subscribing = new PolicyStatement({
      sid: "OtherAccountsSubscribeQueues",
      principals: subscriberAccounts.map((account) => new AccountPrincipal(account)),
      actions: ["sns:Subscribe"],
      resources: [topic.ref],
      conditions: { StringEquals: { "sns:Protocol": "sqs" } },
    });
    const statements = [
      onlyByTls(topic.ref, "sns:Publish", "sns:Subscribe"),
      ...(subscriberAccounts.length > 0 ? [subscribing] : []),
    ];
    new CfnTopicPolicy(this, "TopicPolicy", {
      topics: [topic.ref],
      policyDocument: { Version: "2012-10-17", Statement: statements.map((each) => each.toStatementJson()) },
    });
    return topic.ref;
  }

  #alarms({ alarmActions: actions, metricsNamespace, source }: OutboxProps): Alarm[] {
    const age = this.relay.iteratorAge();
    const minute = 60_000;
    const throttles = this.relay.function.metricThrottles({ period: Duration.minutes(1) });
    const failed = this.failedRecords.metric("ApproximateNumberOfMessagesVisible");
    const alarms = [
      addAlarm(this, "RelayBehindMinute", {
        metric: age,
        threshold: minute,
        periods: 3,
        description: `The relay of ${source} is a minute behind: look at its log and at the topic.`,
        actions,
      }),
      addAlarm(this, "RelayBehindHour", {
        metric: age,
        threshold: 60 * minute,
        description: `The relay of ${source} is an hour behind. After 20 hours, events go to the queue for failed records.`,
        actions,
      }),
      addAlarm(this, "RelayThrottled", {
        metric: throttles,
        threshold: 1,
        periods: 3,
        description: `Lambda throttles the relay of ${source}: raise the account's concurrency.`,
        actions,
      }),
      addAlarm(this, "RecordsFailed", {
        metric: failed,
        threshold: 1,
        description: `The relay of ${source} has given up records: replay them in order.`,
        actions,
      }),
    ];
    if (metricsNamespace === undefined) return alarms;
    const parked = addAlarm(this, "EventsParked", {
      metric: new Metric({
        namespace: metricsNamespace,
        metricName: "RelayParked",
        dimensionsMap: { Source: source },
        statistic: Stats.SUM,
        period: Duration.minutes(1),
      }),
      threshold: 1,
      description: `SNS refuses an event of ${source} for good: it is parked, and its aggregate waits for an operator.`,
      actions,
    });
    return [...alarms, parked];
  }
}
