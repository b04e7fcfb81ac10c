import { addAlarm } from "@doubleshot/cdk";
import type { ServiceInShop } from "@doubleshot/shop";
import { Duration } from "aws-cdk-lib";
import { type IAlarmAction, Stats } from "aws-cdk-lib/aws-cloudwatch";
import { type ApplicationTargetGroup, HttpCodeTarget } from "aws-cdk-lib/aws-elasticloadbalancingv2";
import type { Construct } from "constructs";
import type { Settings } from "../stage.ts";
import { gaugeMetric } from "./scaling.ts";

export interface ServiceAlarmsProps {
  readonly service: ServiceInShop;
  readonly settings: Settings;
  readonly targets: ApplicationTargetGroup | undefined;
  readonly alarmAction: IAlarmAction;
}

const minute = Duration.minutes(1);

export function serviceAlarms(scope: Construct, { service, settings, targets, alarmAction }: ServiceAlarmsProps): void {
  const actions = [alarmAction];
  const { name } = service;
  if (targets !== undefined) {
    addAlarm(scope, "ServerErrors", {
      metric: targets.metrics.httpCodeTarget(HttpCodeTarget.TARGET_5XX_COUNT, { statistic: Stats.SUM, period: minute }),
      threshold: 10,
      periods: 3,
      description: `${name} answers with 5xx: AWS is unavailable, its processes are full, or it has a bug.`,
      actions,
    });
    addAlarm(scope, "UnhealthyTasks", {
      metric: targets.metrics.unhealthyHostCount({ statistic: Stats.MAXIMUM, period: minute }),
      threshold: 1,
      periods: 5,
      description: `A task of ${name} does not become ready: look at its log.`,
      actions,
    });
  }
  for (const [gauge, spec] of Object.entries(service.scalesOn)) {
    const metric = gaugeMetric(service, settings, gauge, spec);
    // One and a half times what a process carries well, or five times what the service bears: new tasks have not helped.
    const threshold = "perProcess" in spec ? 1.5 * spec.perProcess : 5 * spec.overall;
    addAlarm(scope, `High-${gauge}`, {
      metric,
      threshold,
      periods: 3,
      description: `${gauge} of ${name} stays high: scaling has reached its maximum, or does not help.`,
      actions,
    });
  }
}
