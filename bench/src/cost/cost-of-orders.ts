import { coffeeShop } from "@doubleshot/shop";
import type { OrderUnits } from "./measure-order.ts";
import { assumptions, prices } from "./prices.ts";

/** Dollars for a million orders, by what they are for. */
export type Cost = Readonly<Record<CostItem, number>>;
export const costItems = ["DynamoDB", "SNS", "SQS", "Lambda", "Fargate", "load balancer", "logs"] as const;
type CostItem = (typeof costItems)[number];

const million = 1_000_000;
const gigabyte = 1_000_000_000;
const [relay] = Object.values(coffeeShop.topology.mappings);
/** The relay publishes with four calls at once. */
const concurrentCalls = 4;
const eventsPerCall = 10;

/** How many messages share a call, and records an invocation: none when there are few, as many as AWS allows when there are many. */
export interface Sharing {
  readonly messagesPerCall: number;
  readonly recordsPerInvocation: number;
}

export function sharingAt(ordersPerSecond: number): Sharing {
  if (ordersPerSecond < 100) return { messagesPerCall: 1, recordsPerInvocation: 1 };
  return { messagesPerCall: eventsPerCall, recordsPerInvocation: relay?.batchSize ?? 1 };
}

/** The cost of a million orders at a steady rate. */
export function costOfMillion(units: OrderUnits, ordersPerSecond: number): Cost {
  const { messagesPerCall, recordsPerInvocation } = sharingAt(ordersPerSecond);
  const hours = million / ordersPerSecond / 3_600;
  const publishedGb = (units.publishedBytes * million) / gigabyte;
  const messages = units.published;
  const invocations = messages / recordsPerInvocation;
  // The relay and each receive read the index of markers once.
  const markerReads = invocations + messages / messagesPerCall;
  const { vcpu, gb } = fargateAt(ordersPerSecond);
  return {
    DynamoDB: units.writeUnits * prices.writeUnits + (readUnits(units) + markerReads) * prices.readUnits,
    SNS: messages * (prices.published + prices.delivered) + publishedGb * (prices.publishedGb + prices.deliveredGb),
    SQS: ((units.receives + units.otherQueueCalls) / messagesPerCall) * prices.queueRequests,
    Lambda: invocations * (prices.invocations + million * secondsOfInvocation(recordsPerInvocation) * gbSecond()),
    Fargate: hours * (vcpu * prices.vcpuHour + gb * prices.gbHour),
    "load balancer": hours * (prices.balancerHour + capacityUnits(ordersPerSecond) * prices.capacityUnitHour),
    logs: ((roundedLogBytes(units) * million) / gigabyte) * prices.logGb,
  };
}

/** Rounded up to an even number: checks of half a unit, such as for lapsed leases, are due in some orders and not in others. */
export function readUnits(units: OrderUnits): number {
  return Math.ceil(units.readUnits / 2) * 2;
}

/** Durations in the lines have more or fewer digits. */
export function roundedLogBytes({ logBytes }: OrderUnits): number {
  return Math.ceil(logBytes / 100) * 100;
}

/** Processors and memory of all tasks, for the work and for the callers that wait. */
export function fargateAt(ordersPerSecond: number): { vcpu: number; gb: number; tasks: number } {
  const { cpuMsPerOrder, utilization, minTasks, minVcpuPerTask, gbPerVcpu, waitSeconds, maxWaiting } = assumptions;
  const busy = (ordersPerSecond * cpuMsPerOrder) / 1_000 / utilization;
  const vcpu = Math.max(busy, minTasks * minVcpuPerTask);
  const waiting = Math.ceil((ordersPerSecond * waitSeconds) / maxWaiting);
  return { vcpu, gb: vcpu * gbPerVcpu, tasks: Math.max(minTasks, Math.ceil(busy), waiting) };
}

function capacityUnits(ordersPerSecond: number): number {
  return Math.max(ordersPerSecond / 25, (ordersPerSecond * assumptions.waitSeconds) / 3_000);
}

/** One read of the marker index, then the calls to SNS, four at once. */
function secondsOfInvocation(records: number): number {
  const rounds = 1 + Math.ceil(records / eventsPerCall / concurrentCalls);
  return (rounds * assumptions.callMs) / 1_000;
}

function gbSecond(): number {
  return ((relay?.functionMemoryMegabytes ?? 0) / 1_024) * prices.gbSecond;
}
