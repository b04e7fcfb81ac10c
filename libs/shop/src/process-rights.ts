import { permissions } from "@doubleshot/messaging/infrastructure";
import type { Service } from "./service.ts";

/** ARNs of resources by their short names. A queue's name may end in `*`. */
export interface Arns {
  table(shortName: string): string;
  queue(shortName: string): string;
}

/** A statement of a policy. */
export interface Right {
  readonly actions: readonly string[];
  readonly resources: readonly string[];
}

const reads = ["dynamodb:BatchGetItem", "dynamodb:GetItem", "dynamodb:Query"];

/** The table of the live processes. `libs/waiting` makes these calls. */
const instanceActions = ["dynamodb:DeleteItem", "dynamodb:PutItem", "dynamodb:Scan", "dynamodb:UpdateItem"];

/** The short-lived queues of the live processes. Each process has one, sends to the others, and removes those of killed processes. */
const hintQueueActions = [
  "sqs:CreateQueue",
  "sqs:DeleteMessage",
  "sqs:DeleteQueue",
  "sqs:GetQueueUrl",
  "sqs:ReceiveMessage",
  "sqs:SendMessage",
];

/**
 * All that a process of the service may do at AWS, by its manifest: on its own tables, their indexes, its own queue, and the
 * hint queues of its own service. It has no right to a topic, because events leave by the relay alone.
 */
export function processRights(service: Service, arns: Arns): Right[] {
  const { names, tables, publishes, subscribes, waits, uses } = service;
  const handles = Object.keys(subscribes).length > 0;
  const own = Object.keys(tables).map((table) => arns.table(table));
  const indexes = Object.entries(tables).flatMap(([table, spec]) =>
    Object.keys(spec.indexes ?? {}).map((index) => `${arns.table(table)}/index/${index}`),
  );
  const { commit, consume } = permissions;
  const rights: (Right | false)[] = [
    { actions: ["dynamodb:DescribeTable"], resources: uses.tables.map((table) => arns.table(table)) },
    { actions: [...reads, ...commit.tables], resources: own },
    { actions: ["dynamodb:Query"], resources: indexes },
    publishes.length > 0 && { actions: commit.outbox, resources: [arns.table(names.outbox)] },
    handles && { actions: consume.inbox, resources: [arns.table(names.inbox)] },
    handles && { actions: ["sqs:GetQueueUrl", ...consume.queue], resources: [arns.queue(names.queue)] },
    handles && { actions: ["sqs:GetQueueUrl", ...consume.deadLetters], resources: [arns.queue(names.deadLetters)] },
    waits && { actions: instanceActions, resources: [arns.table(names.instances)] },
    waits && { actions: hintQueueActions, resources: [arns.queue(`${names.hintQueues}*`)] },
    // SQS has no resources for this action. It answers with names and nothing more.
    waits && { actions: ["sqs:ListQueues"], resources: ["*"] },
  ];
  return rights.filter((right) => right !== false).filter(({ resources }) => resources.length > 0);
}
