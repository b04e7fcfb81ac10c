import { DescribeTableCommand, DescribeTimeToLiveCommand } from "@aws-sdk/client-dynamodb";
import { GetBucketLifecycleConfigurationCommand } from "@aws-sdk/client-s3";
import {
  GetSubscriptionAttributesCommand,
  GetTopicAttributesCommand,
  ListSubscriptionsByTopicCommand,
} from "@aws-sdk/client-sns";
import { GetQueueAttributesCommand } from "@aws-sdk/client-sqs";
import { type LocalAws, startLocalAws } from "@doubleshot/local-aws";
import {
  claimBucketLifecycle,
  deadLetterQueue,
  failedRecordsQueue,
  inboxTable,
  outboxTable,
  parkedTable,
  queuePolicy,
  redrivePolicy,
  subscriberQueue,
  subscription,
  timeToLive,
  topic,
} from "@doubleshot/messaging/infrastructure";
import { physicalName, queueUrl, topicArn } from "@doubleshot/topology";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { coffeeShop } from "./coffee-shop.ts";

// The shop's topology is made of these settings, and `provision` adds some of its own. This test provisions the shop, and
// reads each setting from the endpoint.

let aws: LocalAws;

beforeAll(async () => {
  aws = await startLocalAws({ topology: coffeeShop.topology });
});
afterAll(() => aws?.close());

async function table(name: string) {
  const TableName = physicalName(coffeeShop.name, name);
  const { Table } = await aws.clients.dynamodb.send(new DescribeTableCommand({ TableName }));
  const { TimeToLiveDescription } = await aws.clients.dynamodb.send(new DescribeTimeToLiveCommand({ TableName }));
  const { AttributeDefinitions, KeySchema, StreamSpecification, BillingModeSummary } = Table ?? {};
  return {
    settings: {
      AttributeDefinitions,
      KeySchema,
      BillingMode: BillingModeSummary?.BillingMode,
      ...(StreamSpecification && { StreamSpecification }),
    },
    expiresBy: TimeToLiveDescription?.AttributeName,
  };
}

async function queue(name: string) {
  const QueueUrl = await queueUrl(aws.clients, coffeeShop.name, name);
  const { Attributes = {} } = await aws.clients.sqs.send(
    new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["All"] }),
  );
  return Attributes;
}

async function subscriptionTo(TopicArn: string, queueArn: string | undefined) {
  const { Subscriptions = [] } = await aws.clients.sns.send(new ListSubscriptionsByTopicCommand({ TopicArn }));
  const { SubscriptionArn } = Subscriptions.find(({ Endpoint }) => Endpoint === queueArn) ?? {};
  return aws.clients.sns.send(new GetSubscriptionAttributesCommand({ SubscriptionArn }));
}

describe("the shop is built from the settings that are given to adopters", () => {
  test.each([
    ["orders-outbox", outboxTable, timeToLive.AttributeName],
    ["barista-outbox", outboxTable, timeToLive.AttributeName],
    ["customers-outbox", outboxTable, timeToLive.AttributeName],
    ["orders-inbox", inboxTable, timeToLive.AttributeName],
    ["barista-inbox", inboxTable, timeToLive.AttributeName],
    ["customers-inbox", inboxTable, timeToLive.AttributeName],
    ["orders-parked", parkedTable, undefined],
    ["barista-parked", parkedTable, undefined],
    ["customers-parked", parkedTable, undefined],
  ])("table %s", async (name, settings, expiresBy) => {
    expect(await table(name)).toEqual({ settings, expiresBy });
  });

  test.each([
    ["orders-subscriber", ["barista-events.fifo", "customers-events.fifo"]],
    ["barista-subscriber", ["orders-events.fifo"]],
    ["customers-subscriber", ["orders-events.fifo"]],
  ])("queues of %s", async (name, sources) => {
    const dead = await queue(`${name}-dead.fifo`);
    const own = await queue(`${name}.fifo`);
    expect(dead).toMatchObject(deadLetterQueue);
    expect(await queue(`${name}-undelivered.fifo`)).toMatchObject(deadLetterQueue);
    expect(own).toMatchObject(subscriberQueue);
    expect(JSON.parse(own.RedrivePolicy ?? "")).toEqual(JSON.parse(redrivePolicy(dead.QueueArn ?? "")));
    const arns = await Promise.all(sources.map((source) => topicArn(aws.clients, coffeeShop.name, source)));
    const statements = (queueArn: string) =>
      arns.flatMap((arn) => JSON.parse(queuePolicy(queueArn, arn)).Statement as object[]);
    expect(JSON.parse(own.Policy ?? "").Statement).toEqual(statements(own.QueueArn ?? ""));
    const undelivered = await queue(`${name}-undelivered.fifo`);
    expect(JSON.parse(undelivered.Policy ?? "").Statement).toEqual(statements(undelivered.QueueArn ?? ""));
    const { RawMessageDelivery, RedrivePolicy } = subscription(undelivered.QueueArn ?? "");
    for (const arn of arns) {
      const { Attributes = {} } = await subscriptionTo(arn, own.QueueArn);
      expect(Attributes.RawMessageDelivery).toBe(RawMessageDelivery);
      expect(JSON.parse(Attributes.RedrivePolicy ?? "")).toEqual(JSON.parse(RedrivePolicy));
    }
  });

  test.each(["orders-outbox-failed", "barista-outbox-failed", "customers-outbox-failed"])("queue %s", async (name) => {
    expect(await queue(name)).toMatchObject(failedRecordsQueue);
    expect(await queue(name)).not.toHaveProperty("FifoQueue");
  });

  test.each(["orders-events.fifo", "barista-events.fifo", "customers-events.fifo"])("topic %s", async (name) => {
    const TopicArn = await topicArn(aws.clients, coffeeShop.name, name);
    const { Attributes } = await aws.clients.sns.send(new GetTopicAttributesCommand({ TopicArn }));
    expect(Attributes).toMatchObject(topic);
  });

  test("bucket for claims", async () => {
    const Bucket = physicalName(coffeeShop.name, "claims");
    const { Rules } = await aws.clients.s3.send(new GetBucketLifecycleConfigurationCommand({ Bucket }));
    expect(Rules).toEqual(claimBucketLifecycle.Rules);
  });
});
