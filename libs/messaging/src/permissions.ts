/**
 * IAM actions that each part of the library needs, by part and resource: least privilege as data. A test compares them with the
 * calls that the library makes. Customer-managed keys need more, which `@doubleshot/cdk` grants.
 *
 * Transactions have no action of their own: each of their items needs the action of its kind.
 */
export const permissions = {
  /** `outbox.commit`. */
  commit: {
    outbox: ["dynamodb:PutItem"],
    /** The tables of the service's own writes, with the kinds of writes that a commit may have. */
    tables: ["dynamodb:ConditionCheckItem", "dynamodb:DeleteItem", "dynamodb:PutItem", "dynamodb:UpdateItem"],
  },
  /** Commits with `save.recreate`, which look for the highest version of the aggregate. */
  recreate: { outbox: ["dynamodb:Query"] },
  /** The relay's function, and Lambda, which reads the stream and reports failed records with the function's role. */
  relay: {
    stream: ["dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator"],
    /** All streams (`*`): the action has no resources. */
    streams: ["dynamodb:ListStreams"],
    topic: ["sns:Publish"],
    parked: ["dynamodb:BatchGetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"],
    failedRecords: ["sqs:SendMessage"],
  },
  /** `poll`, with its handlers' inbox rows. Their commits need `commit`. */
  consume: {
    inbox: ["dynamodb:BatchGetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"],
    queue: ["sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sqs:ReceiveMessage"],
    deadLetters: ["sqs:SendMessage"],
  },
  /** `lambdaConsumer`: in addition, Lambda receives and deletes with the function's role. */
  consumeByLambda: { queue: ["sqs:GetQueueAttributes"] },
  /** A claim check of events that are too large for a message: publishers put, subscribers get. */
  putClaims: { bucket: ["s3:PutObject"] },
  getClaims: { bucket: ["s3:GetObject"] },
} as const satisfies Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;
