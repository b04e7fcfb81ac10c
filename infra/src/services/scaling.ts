import type { ScalingGauge, ServiceInShop } from "@doubleshot/shop";
import { Duration } from "aws-cdk-lib";
import { AdjustmentType } from "aws-cdk-lib/aws-applicationautoscaling";
import { Metric, Stats } from "aws-cdk-lib/aws-cloudwatch";
import type { FargateService } from "aws-cdk-lib/aws-ecs";
import type { Settings } from "../stage.ts";

/** A gauge of the service, as its processes report it (`METRICS=emf`). */
export function gaugeMetric(service: ServiceInShop, { shop }: Settings, name: string, gauge: ScalingGauge): Metric {
  return new Metric({
    namespace: `Doubleshot/${shop}`,
    metricName: name,
    dimensionsMap: { Service: service.name },
    // Every process reports once or twice a minute: the average is that of a process.
    statistic: "perProcess" in gauge ? Stats.AVERAGE : Stats.MAXIMUM,
    period: Duration.minutes(1),
  });
}

/**
 * Starts and stops tasks by the gauges of the manifest, and by processor time, which every service needs. The average of a value
 * per process stays near its target. A value of the whole service starts a task when it reaches its number, and two when it reaches
 * five times the number.
 */
export function scale(fargate: FargateService, service: ServiceInShop, settings: Settings): void {
  const count = fargate.autoScaleTaskCount({ minCapacity: settings.tasks.min, maxCapacity: settings.tasks.max });
  // Ending a task ends the waits of its callers, so tasks go slowly.
  const cooldowns = { scaleOutCooldown: Duration.minutes(1), scaleInCooldown: Duration.minutes(15) };
  count.scaleOnCpuUtilization("Cpu", { targetUtilizationPercent: 60, ...cooldowns });
  for (const [name, gauge] of Object.entries(service.scalesOn)) {
    const metric = gaugeMetric(service, settings, name, gauge);
    if ("perProcess" in gauge) {
      count.scaleToTrackCustomMetric(name, { metric, targetValue: gauge.perProcess, ...cooldowns });
    } else {
      count.scaleOnMetric(name, {
        metric,
        adjustmentType: AdjustmentType.CHANGE_IN_CAPACITY,
        scalingSteps: [
          { lower: gauge.overall, change: 1 },
          { lower: 5 * gauge.overall, change: 2 },
        ],
        cooldown: Duration.minutes(2),
      });
    }
  }
}
