import { instruments, type MetricName, type Metrics } from "@doubleshot/messaging";

/**
 * Records a 0 for each counter of the subscriber. Prometheus's `increase` does not see the first step of a counter that appears
 * with that step, and the first dead letter is the one to know of.
 */
export function startCountersAtZero(metrics: Metrics, subscriber: string): void {
  for (const name of Object.keys(instruments) as MetricName[]) {
    const { kind, labels } = instruments[name];
    const isOfSubscriber = kind === "counter" && labels.join() === "subscriber";
    if (isOfSubscriber) metrics.record(name as "subscriber.dead_lettered", 0, { subscriber });
  }
}
