export { harmless, type Instrument, instruments, type MetricLabels, type MetricName, type Metrics } from "./metrics.ts";
export { currentTrace, inSpan, linksTo, type TraceContext } from "./trace.ts";
