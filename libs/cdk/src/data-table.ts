import * as infrastructure from "@doubleshot/messaging/infrastructure";
import { Duration, RemovalPolicy } from "aws-cdk-lib";
import type { Alarm, IAlarmAction } from "aws-cdk-lib/aws-cloudwatch";
import { MathExpression, Metric, Stats } from "aws-cdk-lib/aws-cloudwatch";
import { CfnTable, type CfnTableProps } from "aws-cdk-lib/aws-dynamodb";
import type { IGrantable } from "aws-cdk-lib/aws-iam";
import type { IKey } from "aws-cdk-lib/aws-kms";
import { Construct } from "constructs";
import { addAlarm } from "./alarms.ts";
import { fromApi } from "./api-settings.ts";
import { allow, allowKey } from "./grants.ts";

/** The options that all constructs of this package have. */
export interface ResourceProps {
  /** Customer-managed key. Default: keys of AWS, which cost nothing and need no rights. */
  readonly encryptionKey?: IKey | undefined;
  /** Whether tables and buckets outlive their stack. Default RETAIN, with protection from deletion. */
  readonly removalPolicy?: RemovalPolicy | undefined;
  /** Called by every alarm, when it is raised and when it ends. */
  readonly alarmActions?: readonly IAlarmAction[] | undefined;
}

export interface DataTableProps extends ResourceProps {
  /** `CreateTable` without the name, with or without indexes. */
  readonly settings: infrastructure.TableSettings & { readonly GlobalSecondaryIndexes?: readonly object[] };
  /** Attribute with the epoch second after which a row may go. */
  readonly timeToLive?: string | undefined;
  readonly tableName?: string | undefined;
}

/** A table that can be restored to any second of the last 35 days, and that no update of its stack deletes. */
export class DataTable extends Construct {
  readonly tableName: string;
  readonly tableArn: string;
  readonly alarms: readonly Alarm[];
  readonly #table: CfnTable;
  readonly #key: IKey | undefined;

  constructor(scope: Construct, id: string, props: DataTableProps) {
    super(scope, id);
    const { settings, tableName, timeToLive, encryptionKey, removalPolicy = RemovalPolicy.RETAIN } = props;
    const { StreamSpecification: stream, ...table } = settings;
    this.#key = encryptionKey;
    this.#table = new CfnTable(this, "Resource", {
      ...fromApi<CfnTableProps>(table),
      tableName,
      // CloudFormation knows no StreamEnabled: a table with a view type is streamed.
      ...(stream?.StreamViewType && { streamSpecification: { streamViewType: stream.StreamViewType } }),
      ...(timeToLive && { timeToLiveSpecification: { attributeName: timeToLive, enabled: true } }),
      ...(encryptionKey && {
        sseSpecification: { sseEnabled: true, sseType: "KMS", kmsMasterKeyId: encryptionKey.keyArn },
      }),
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      deletionProtectionEnabled: removalPolicy !== RemovalPolicy.DESTROY,
    });
    this.#table.applyRemovalPolicy(removalPolicy);
    this.tableName = this.#table.ref;
    this.tableArn = this.#table.attrArn;
    this.alarms = [this.#throttleAlarm(props.alarmActions)];
  }

  /** ARN of the stream, for tables whose settings have one. */
  get streamArn(): string {
    return this.#table.attrStreamArn;
  }

  /** Allows the actions on the table, and on its indexes if asked to. */
  grant(grantee: IGrantable, actions: readonly string[], { indexes = false } = {}): void {
    allow(grantee, actions, this.tableArn, ...(indexes ? [`${this.tableArn}/index/*`] : []));
    allowKey(grantee, this.#key, "table");
  }

  grantStream(grantee: IGrantable, actions: readonly string[]): void {
    allow(grantee, actions, this.streamArn);
    allowKey(grantee, this.#key, "stream");
  }

  #throttleAlarm(actions: readonly IAlarmAction[] | undefined): Alarm {
    const events = (metricName: string) =>
      new Metric({
        namespace: "AWS/DynamoDB",
        metricName,
        dimensionsMap: { TableName: this.tableName },
        statistic: Stats.SUM,
      });
    const metric = new MathExpression({
      expression: "FILL(reads, 0) + FILL(writes, 0)",
      usingMetrics: { reads: events("ReadThrottleEvents"), writes: events("WriteThrottleEvents") },
      label: "throttled reads and writes",
      period: Duration.minutes(1),
    });
    return addAlarm(this, "Throttles", {
      metric,
      threshold: 1,
      // Tables on demand throttle for moments when traffic more than doubles; five minutes in a row are a hot partition.
      periods: 5,
      description: "DynamoDB throttles a table: look for a hot partition.",
      actions,
    });
  }
}

/** The inbox: the events that a service has handled, and the markers of its blocked groups. */
export class Inbox extends DataTable {
  constructor(scope: Construct, id: string, props: ResourceProps & { readonly tableName?: string | undefined } = {}) {
    const timeToLive = infrastructure.timeToLive.AttributeName;
    super(scope, id, { ...props, settings: infrastructure.inboxTable, timeToLive });
  }
}
