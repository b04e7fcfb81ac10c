import { DeleteTableCommand, paginateListTables } from "@aws-sdk/client-dynamodb";
import {
  DeleteEventSourceMappingCommand,
  DeleteFunctionCommand,
  type LambdaClient,
  paginateListEventSourceMappings,
  paginateListFunctions,
} from "@aws-sdk/client-lambda";
import { DeleteBucketCommand, ListBucketsCommand } from "@aws-sdk/client-s3";
import { DeleteTopicCommand, paginateListTopics } from "@aws-sdk/client-sns";
import { DeleteQueueCommand, paginateListQueues } from "@aws-sdk/client-sqs";
import { type AwsClients, createAwsClients } from "@doubleshot/topology";
import { createLambdaClient } from "@doubleshot/topology/functions";

/** Removes every resource whose name begins with the prefix from the endpoint that the environment names. */
export async function removeShops(prefix: string): Promise<void> {
  const clients = createAwsClients({ requestTimeoutMs: 30_000 });
  const lambda = createLambdaClient();
  try {
    // Before their streams.
    await removeFunctions(lambda, prefix);
    await Promise.all([removeTables, removeTopics, removeQueues, removeBuckets].map((each) => each(clients, prefix)));
  } finally {
    lambda.destroy();
    clients.destroy();
  }
}

async function removeFunctions(lambda: LambdaClient, prefix: string): Promise<void> {
  for await (const { EventSourceMappings = [] } of paginateListEventSourceMappings({ client: lambda }, {})) {
    for (const { UUID, FunctionArn } of EventSourceMappings) {
      if (isNamed(FunctionArn, prefix)) await lambda.send(new DeleteEventSourceMappingCommand({ UUID }));
    }
  }
  for await (const { Functions = [] } of paginateListFunctions({ client: lambda }, {})) {
    for (const { FunctionName } of Functions) {
      if (isNamed(FunctionName, prefix)) await lambda.send(new DeleteFunctionCommand({ FunctionName }));
    }
  }
}

async function removeTables({ dynamodb }: AwsClients, prefix: string): Promise<void> {
  for await (const { TableNames = [] } of paginateListTables({ client: dynamodb }, {})) {
    for (const TableName of TableNames) {
      if (isNamed(TableName, prefix)) await dynamodb.send(new DeleteTableCommand({ TableName }));
    }
  }
}

async function removeTopics({ sns }: AwsClients, prefix: string): Promise<void> {
  for await (const { Topics = [] } of paginateListTopics({ client: sns }, {})) {
    for (const { TopicArn } of Topics) {
      if (isNamed(TopicArn, prefix)) await sns.send(new DeleteTopicCommand({ TopicArn }));
    }
  }
}

async function removeQueues({ sqs }: AwsClients, prefix: string): Promise<void> {
  for await (const { QueueUrls = [] } of paginateListQueues({ client: sqs }, { QueueNamePrefix: prefix })) {
    for (const QueueUrl of QueueUrls) await sqs.send(new DeleteQueueCommand({ QueueUrl }));
  }
}

async function removeBuckets({ s3 }: AwsClients, prefix: string): Promise<void> {
  const { Buckets = [] } = await s3.send(new ListBucketsCommand({}));
  for (const { Name } of Buckets) {
    if (isNamed(Name, prefix)) await s3.send(new DeleteBucketCommand({ Bucket: Name }));
  }
}

/** By its name, or by the last part of its ARN. */
function isNamed(name: string | undefined, prefix: string): boolean {
  return name?.split(":").at(-1)?.startsWith(`${prefix}-`) === true;
}
