import type { Arns, Right } from "./process-rights.ts";
import type { Service } from "./service.ts";

export interface OperatorArns extends Arns {
  topic(shortName: string): string;
}

/**
 * All that an operator of these services may do at AWS beside the rights of their process: `libs/operations` makes these calls.
 * Of a service's own tables it reads the one with the traced aggregate, and no other: secrets and keys stay with their service.
 */
export function operatorRights(services: readonly Service[], arns: OperatorArns): Right[] {
  const publishers = services.filter(({ publishes }) => publishes.length > 0).map(({ names }) => names);
  const subscribers = services.filter(({ subscribes }) => Object.keys(subscribes).length > 0).map(({ names }) => names);
  const traced = services.flatMap(({ traced }) => traced?.table ?? []).map(arns.table);
  const outboxes = publishers.map(({ outbox }) => arns.table(outbox));
  const parked = publishers.map(({ parked }) => arns.table(parked));
  const inboxes = subscribers.map(({ inbox }) => arns.table(inbox));
  const queues = subscribers.map(({ queue }) => arns.queue(queue));
  const dead = subscribers.map(({ deadLetters }) => arns.queue(deadLetters));
  const undelivered = subscribers.map(({ undelivered }) => arns.queue(undelivered));
  const failed = publishers.map(({ failedRecords }) => arns.queue(failedRecords));
  return [
    { actions: reads, resources: [...outboxes, ...parked, ...inboxes, ...traced] },
    { actions: writes, resources: [...parked, ...inboxes] },
    {
      actions: ["sqs:GetQueueAttributes", "sqs:GetQueueUrl"],
      resources: [...queues, ...dead, ...undelivered, ...failed],
    },
    { actions: ["sqs:SendMessage"], resources: [...queues, ...dead, ...undelivered] },
    {
      actions: ["sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sqs:ReceiveMessage"],
      resources: [...dead, ...undelivered],
    },
    { actions: ["sns:Publish"], resources: publishers.map(({ topic }) => arns.topic(topic)) },
    // SNS has no lookup by name, and no resources for this action.
    { actions: ["sns:ListTopics"], resources: ["*"] },
  ];
}

const reads = [
  "dynamodb:BatchGetItem",
  "dynamodb:DescribeTable",
  "dynamodb:GetItem",
  "dynamodb:Query",
  "dynamodb:Scan",
];

/** A marker is released, and the rows behind it are deleted. */
const writes = [
  "dynamodb:BatchWriteItem",
  "dynamodb:ConditionCheckItem",
  "dynamodb:DeleteItem",
  "dynamodb:PutItem",
  "dynamodb:UpdateItem",
];
