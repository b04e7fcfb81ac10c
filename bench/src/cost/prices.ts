/**
 * List prices in US dollars, without free tiers and discounts, for US East (N. Virginia). AWS states the prices of SQS, of Fargate's
 * processors, of Lambda's requests and of the load balancer in the text of these pages. It fills in the others by a script: those
 * are quoted by others, and AWS's price list has them for programs.
 * @see https://pricing.us-east-1.amazonaws.com/offers/v1.0/aws/index.json
 * @see https://aws.amazon.com/about-aws/whats-new/2016/11/amazon-sqs-introduces-fifo-queues-with-exactly-once-processing-and-lower-prices-for-standard-queues/
 * @see https://aws.amazon.com/dynamodb/pricing/on-demand/
 * @see https://aws.amazon.com/sns/pricing/
 * @see https://aws.amazon.com/sqs/pricing/
 * @see https://aws.amazon.com/lambda/pricing/
 * @see https://aws.amazon.com/fargate/pricing/
 * @see https://aws.amazon.com/elasticloadbalancing/pricing/
 * @see https://aws.amazon.com/cloudwatch/pricing/
 */
export const prices = {
  region: "us-east-1",
  asOf: "2026-06",
  /** DynamoDB on demand, a million request units. */
  writeUnits: 0.625,
  readUnits: 0.125,
  /** SNS FIFO, a million messages and a GB, as published and as delivered to SQS. */
  published: 0.3,
  publishedGb: 0.017,
  delivered: 0.01,
  deliveredGb: 0.001,
  /** SQS FIFO, a million requests of at most 64 KB. */
  queueRequests: 0.5,
  /** Lambda on arm64: a million requests, and a GB second. */
  invocations: 0.2,
  gbSecond: 0.0000133334,
  /** Fargate, Linux on x86: an hour. */
  vcpuHour: 0.04048,
  gbHour: 0.004445,
  /** Application Load Balancer: an hour, and an hour of a capacity unit (25 new connections a second, or 3,000 active ones). */
  balancerHour: 0.0225,
  capacityUnitHour: 0.008,
  /** CloudWatch Logs, a GB taken in. */
  logGb: 0.5,
} as const;

/** Assumptions that the measurement of one order cannot give. */
export const assumptions = {
  /** Processor time of orders and barista for an order, by `npm run cost -w bench` on two slow cores that others share. */
  cpuMsPerOrder: 30,
  /** Share of its processor that a process is meant to use. */
  utilization: 0.5,
  /** Tasks that run in any case, for two zones: two of each service. */
  minTasks: 4,
  /** Memory of a task for each of its processors. */
  gbPerVcpu: 2,
  /** Smallest task: a quarter of a processor. */
  minVcpuPerTask: 0.25,
  /** Time of a call from Lambda to AWS. */
  callMs: 10,
  /** How long a customer waits for the coffee. */
  waitSeconds: 60,
  /** Customers who wait in one process: the default of MAX_WAITING. */
  maxWaiting: 20_000,
} as const;
