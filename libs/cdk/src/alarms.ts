import {
  Alarm,
  ComparisonOperator,
  type IAlarmAction,
  type IMetric,
  TreatMissingData,
} from "aws-cdk-lib/aws-cloudwatch";
import type { Construct } from "constructs";

export interface AlarmOptions {
  readonly metric: IMetric;
  /** The alarm is raised at this value and above. */
  readonly threshold: number;
  /** Periods of the metric in a row that reach the threshold. Default 1. */
  readonly periods?: number;
  /** One sentence for the operator: the event, and the remedy. */
  readonly description: string;
  /** Called when the alarm is raised and when it ends. */
  readonly actions?: readonly IAlarmAction[] | undefined;
}

/** Adds an alarm. A missing value raises none: counters of failures have values only when something fails. */
export function addAlarm(scope: Construct, id: string, options: AlarmOptions): Alarm {
  const { metric, threshold, periods = 1, description, actions = [] } = options;
  const alarm = new Alarm(scope, id, {
    metric,
    threshold,
    evaluationPeriods: periods,
    alarmDescription: description,
    comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
    treatMissingData: TreatMissingData.NOT_BREACHING,
  });
  alarm.addAlarmAction(...actions);
  alarm.addOkAction(...actions);
  return alarm;
}
