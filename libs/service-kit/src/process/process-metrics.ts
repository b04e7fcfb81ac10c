import { collectDefaultMetrics, Registry } from "prom-client";

export type { Registry };

/**
 * Milliseconds between two samples of the event loop. The library's 10 ms would wake an idle process a hundred times a second, for
 * two thirds of a percent of a core.
 */
const eventLoopMonitoringPrecision = 50;

/**
 * Makes a registry for `createApp({ metrics })` with the metrics of any Node process: processor time, memory, handles,
 * garbage collection and the event loop's lag. The lag's minimum, maximum, mean and percentiles contain the 50 ms between
 * two samples. Make one for each process: its collectors run until the process ends.
 */
export function processMetrics(): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision });
  return registry;
}
