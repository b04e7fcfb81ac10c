import { permissions, relayFunction, relayMapping } from "@doubleshot/messaging/infrastructure";
import { Duration, RemovalPolicy } from "aws-cdk-lib";
import { type Metric, Stats } from "aws-cdk-lib/aws-cloudwatch";
import { Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import {
  Architecture,
  CfnEventSourceMapping,
  type CfnEventSourceMappingProps,
  type Code,
  Function as Lambda,
  Runtime,
} from "aws-cdk-lib/aws-lambda";
import { LogGroup, RetentionDays } from "aws-cdk-lib/aws-logs";
import { Construct } from "constructs";
import { fromApi } from "./api-settings.ts";
import type { DataTable } from "./data-table.ts";
import { allow } from "./grants.ts";
import type { Queue } from "./queue.ts";

/** The function that runs `relay(...)` of `@doubleshot/messaging`. */
export interface RelayCode {
  readonly code: Code;
  /** For example `handler.handler`. */
  readonly handler: string;
  /** Default: Node.js 24. */
  readonly runtime?: Runtime | undefined;
  /** Variables beside `TOPIC_ARN`, `PARKED_TABLE` and `SOURCE`. */
  readonly environment?: Readonly<Record<string, string>> | undefined;
}

export interface RelayProps extends RelayCode {
  readonly functionName?: string | undefined;
  readonly source: string;
  readonly topicArn: string;
  readonly outbox: DataTable;
  readonly parked: DataTable;
  readonly failedRecords: Queue;
}

/** The function behind the outbox table's stream, with a role of its own. */
export class Relay extends Construct {
  readonly function: Lambda;

  constructor(scope: Construct, id: string, props: RelayProps) {
    super(scope, id);
    const { code, handler, runtime = Runtime.NODEJS_24_X, environment, functionName, outbox, failedRecords } = props;
    const logGroup = new LogGroup(this, "Logs", {
      retention: RetentionDays.ONE_MONTH,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const role = new Role(this, "Role", { assumedBy: new ServicePrincipal("lambda.amazonaws.com") });
    this.#allow(role, logGroup, props);
    this.function = new Lambda(this, "Function", {
      functionName,
      runtime,
      architecture: Architecture.ARM_64,
      code,
      handler,
      role,
      logGroup,
      timeout: Duration.seconds(relayFunction.Timeout),
      memorySize: relayFunction.MemorySize,
      environment: {
        TOPIC_ARN: props.topicArn,
        PARKED_TABLE: props.parked.tableName,
        SOURCE: props.source,
        ...environment,
      },
    });
    const mapping = new CfnEventSourceMapping(this, "Mapping", {
      ...fromApi<CfnEventSourceMappingProps>(relayMapping),
      functionName: this.function.functionName,
      eventSourceArn: outbox.streamArn,
      destinationConfig: { onFailure: { destination: failedRecords.queueArn } },
    });
    // Lambda checks the role's rights when the mapping is made.
    mapping.node.addDependency(role);
  }

  /** Age of the record that the relay has read last: how far it is behind. Milliseconds. */
  iteratorAge(): Metric {
    return this.function.metric("IteratorAge", { statistic: Stats.MAXIMUM, period: Duration.minutes(1) });
  }

  #allow(role: Role, logGroup: LogGroup, { outbox, parked, failedRecords, topicArn }: RelayProps): void {
    const { relay } = permissions;
    outbox.grantStream(role, relay.stream);
    allow(role, relay.streams, "*");
    allow(role, relay.topic, topicArn);
    parked.grant(role, relay.parked);
    failedRecords.grantSend(role, relay.failedRecords);
    allow(role, ["logs:CreateLogStream", "logs:PutLogEvents"], logGroup.logGroupArn);
  }
}
