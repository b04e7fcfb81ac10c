import * as infrastructure from "@doubleshot/messaging/infrastructure";
import { RemovalPolicy, type Stack } from "aws-cdk-lib";
import { SnsAction } from "aws-cdk-lib/aws-cloudwatch-actions";
import { Key } from "aws-cdk-lib/aws-kms";
import { Topic } from "aws-cdk-lib/aws-sns";
import { describe, expect, test } from "vitest";
import { Outbox, type OutboxProps } from "./outbox.ts";
import { allowed, relayCode, resource, resourcesOf, statementsOf, testRole, testStack } from "./synth.fixture.ts";

function outboxIn(stack: Stack, props: Partial<OutboxProps> = {}): Outbox {
  return new Outbox(stack, "Outbox", { source: "/orders", relay: relayCode, ...props });
}

const names = {
  outbox: "orders-outbox",
  parked: "orders-parked",
  topic: "orders-events.fifo",
  relay: "orders-relay",
  failedRecords: "orders-outbox-failed",
};

describe("an outbox has the settings of the library", () => {
  const stack = testStack();
  outboxIn(stack, { names });

  test("the outbox table: key, stream, time to live, on demand, restorable, kept", () => {
    expect(resource(stack, "AWS::DynamoDB::Table", "OutboxTable")).toMatchObject({
      DeletionPolicy: "Retain",
      Properties: {
        TableName: "orders-outbox",
        BillingMode: "PAY_PER_REQUEST",
        KeySchema: infrastructure.outboxTable.KeySchema,
        AttributeDefinitions: infrastructure.outboxTable.AttributeDefinitions,
        StreamSpecification: { StreamViewType: "NEW_IMAGE" },
        TimeToLiveSpecification: infrastructure.timeToLive,
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
        DeletionProtectionEnabled: true,
      },
    });
  });

  test("the table for parked events has neither stream nor time to live", () => {
    const { Properties } = resource(stack, "AWS::DynamoDB::Table", "OutboxParked");
    expect(Properties).toMatchObject({ TableName: "orders-parked", KeySchema: infrastructure.parkedTable.KeySchema });
    expect(Properties).not.toHaveProperty("StreamSpecification");
    expect(Properties).not.toHaveProperty("TimeToLiveSpecification");
  });

  test("the topic is FIFO with high throughput, encrypted, and refuses connections without TLS", () => {
    const topic = resource(stack, "AWS::SNS::Topic");
    expect(topic.Properties).toEqual({
      TopicName: "orders-events.fifo",
      FifoTopic: true,
      ContentBasedDeduplication: false,
      FifoThroughputScope: "MessageGroup",
      KmsMasterKeyId: "alias/aws/sns",
    });
    expect(statementsOf(resource(stack, "AWS::SNS::TopicPolicy"))).toMatchObject([
      { Effect: "Deny", Principal: { AWS: "*" }, Condition: { Bool: { "aws:SecureTransport": "false" } } },
    ]);
  });
});

describe("a relay has the settings of the library", () => {
  const stack = testStack();
  outboxIn(stack, { names });

  test("the relay's function has its topic and its table, and the memory and time of the library", () => {
    expect(resource(stack, "AWS::Lambda::Function").Properties).toMatchObject({
      FunctionName: "orders-relay",
      Timeout: infrastructure.relayFunction.Timeout,
      MemorySize: infrastructure.relayFunction.MemorySize,
      Environment: {
        Variables: {
          SOURCE: "/orders",
          TOPIC_ARN: { Ref: expect.stringMatching(/^OutboxTopic/) },
          PARKED_TABLE: { Ref: expect.stringMatching(/^OutboxParked/) },
        },
      },
    });
  });

  test("the mapping is the library's, and is made after the rights of the function", () => {
    const mapping = resource(stack, "AWS::Lambda::EventSourceMapping");
    expect(mapping.Properties).toEqual({
      ...infrastructure.relayMapping,
      FunctionName: { Ref: expect.stringMatching(/^OutboxRelayFunction/) },
      EventSourceArn: { "Fn::GetAtt": [expect.stringMatching(/^OutboxTable/), "StreamArn"] },
      DestinationConfig: {
        OnFailure: { Destination: { "Fn::GetAtt": [expect.stringMatching(/^OutboxFailedRecords/), "Arn"] } },
      },
    });
    expect(mapping.DependsOn).toContainEqual(expect.stringMatching(/^OutboxRelayRoleDefaultPolicy/));
  });

  test("the queue for failed records keeps them for 14 days, encrypted", () => {
    expect(resource(stack, "AWS::SQS::Queue").Properties).toEqual({
      QueueName: "orders-outbox-failed",
      MessageRetentionPeriod: 14 * 24 * 60 * 60,
      SqsManagedSseEnabled: true,
    });
  });

  test("the relay may do what the library's list says, on its own resources, and write its log", () => {
    const { relay } = infrastructure.permissions;
    const on = (actions: readonly string[], name: string) => actions.map((action) => `${action} ${name}`);
    expect(allowed(stack, "OutboxRelayRole")).toEqual(
      [
        ...on(relay.stream, "OutboxTable.StreamArn"),
        ...on(relay.streams, "*"),
        ...on(relay.topic, "OutboxTopic"),
        ...on(relay.parked, "OutboxParked"),
        ...on(relay.failedRecords, "OutboxFailedRecords"),
        ...on(["logs:CreateLogStream", "logs:PutLogEvents"], "OutboxRelayLogs"),
      ].toSorted(),
    );
    expect(resource(stack, "AWS::IAM::Role").Properties).not.toHaveProperty("ManagedPolicyArns");
  });
});

test("without names, the topic's ends in .fifo as SNS demands", () => {
  const stack = testStack();
  outboxIn(stack);
  expect(resource(stack, "AWS::SNS::Topic").Properties.TopicName).toMatch(/^[\w-]+\.fifo$/);
  expect(resource(stack, "AWS::DynamoDB::Table", "OutboxTable").Properties).not.toHaveProperty("TableName");
});

test("a process that commits may write to the outbox and to its own tables, and read no more than it asks for", () => {
  const stack = testStack();
  const outbox = outboxIn(stack);
  const role = testRole(stack);
  outbox.grantCommit(role, "arn:aws:dynamodb:eu-central-1:111111111111:table/orders");
  const { commit, recreate } = infrastructure.permissions;
  const own = commit.tables.map((action) => `${action} arn:aws:dynamodb:eu-central-1:111111111111:table/orders`);
  const rights = [...commit.outbox.map((action) => `${action} OutboxTable`), ...own];
  expect(allowed(stack, "Process")).toEqual(rights.toSorted());

  const recreating = testStack();
  outboxIn(recreating).grantRecreate(testRole(recreating));
  expect(allowed(recreating, "Process")).toEqual(recreate.outbox.map((action) => `${action} OutboxTable`));
});

test("tables of a test stage go with their stack", () => {
  const stack = testStack();
  outboxIn(stack, { removalPolicy: RemovalPolicy.DESTROY });
  for (const table of resourcesOf(stack, "AWS::DynamoDB::Table")) {
    expect(table).toMatchObject({ DeletionPolicy: "Delete", Properties: { DeletionProtectionEnabled: false } });
  }
});

describe("with a customer-managed key", () => {
  const stack = testStack();
  const outbox = outboxIn(stack, { encryptionKey: new Key(stack, "Key") });
  outbox.grantCommit(testRole(stack));
  const key = { "Fn::GetAtt": [expect.stringMatching(/^Key/), "Arn"] };

  test("tables, topic and queue are encrypted with it", () => {
    for (const table of resourcesOf(stack, "AWS::DynamoDB::Table")) {
      expect(table.Properties.SSESpecification).toEqual({ SSEEnabled: true, SSEType: "KMS", KMSMasterKeyId: key });
    }
    expect(resource(stack, "AWS::SNS::Topic").Properties.KmsMasterKeyId).toEqual(key);
    const queue = resource(stack, "AWS::SQS::Queue").Properties;
    expect(queue.KmsMasterKeyId).toEqual(key);
    expect(queue).not.toHaveProperty("SqsManagedSseEnabled");
  });

  test("the relay may decrypt the stream, and encrypt for topic, parked table and queue", () => {
    expect(allowed(stack, "OutboxRelayRole").filter((line) => line.startsWith("kms:"))).toEqual(
      ["Decrypt", "DescribeKey", "Encrypt", "GenerateDataKey", "GenerateDataKey*", "ReEncrypt*"].map(
        (action) => `kms:${action} Key`,
      ),
    );
  });

  test("a process that commits may use the key for the table", () => {
    expect(allowed(stack, "Process").filter((line) => line.startsWith("kms:"))).toEqual(
      ["Decrypt", "DescribeKey", "Encrypt", "GenerateDataKey*", "ReEncrypt*"].map((action) => `kms:${action} Key`),
    );
  });
});

test("queues of other accounts may subscribe when these are named, and by no other protocol", () => {
  const stack = testStack();
  outboxIn(stack, { subscriberAccounts: ["222222222222"] });
  expect(statementsOf(resource(stack, "AWS::SNS::TopicPolicy"))).toContainEqual({
    Sid: "OtherAccountsSubscribeQueues",
    Effect: "Allow",
    Principal: {
      AWS: expect.objectContaining({ "Fn::Join": ["", expect.arrayContaining([":iam::222222222222:root"])] }),
    },
    Action: "sns:Subscribe",
    Resource: { Ref: expect.stringMatching(/^OutboxTopic/) },
    Condition: { StringEquals: { "sns:Protocol": "sqs" } },
  });
});

describe("the alarms of an outbox", () => {
  const stack = testStack();
  const action = new SnsAction(new Topic(stack, "Operators"));
  outboxIn(stack, { alarmActions: [action], metricsNamespace: "Orders" });
  const alarms = resourcesOf(stack, "AWS::CloudWatch::Alarm");
  const alarm = (id: string) => alarms.find((each) => each.id.startsWith(`Outbox${id}`))?.Properties;

  test.each([
    ["RelayBehindMinute", "IteratorAge", 60_000],
    ["RelayBehindHour", "IteratorAge", 3_600_000],
    ["RelayThrottled", "Throttles", 1],
    ["RecordsFailed", "ApproximateNumberOfMessagesVisible", 1],
    ["EventsParked", "RelayParked", 1],
  ])("%s watches %s", (id, MetricName, Threshold) => {
    expect(alarm(id)).toMatchObject({ MetricName, Threshold, TreatMissingData: "notBreaching" });
  });

  test("each table has one for throttles", () => {
    for (const id of ["Table", "Parked"]) {
      const metrics = JSON.stringify(alarm(`${id}Throttles`)?.Metrics);
      expect(metrics).toContain("ReadThrottleEvents");
      expect(metrics).toContain("WriteThrottleEvents");
    }
  });

  test("all of them call the action when they are raised and when they end, and say what to do", () => {
    expect(alarms).toHaveLength(7);
    for (const { Properties } of alarms) {
      const called = [{ Ref: expect.stringMatching(/^Operators/) }];
      expect(Properties).toMatchObject({ AlarmActions: called, OKActions: called });
      expect(Properties.AlarmDescription).toMatch(/^.{20,}\.$/);
    }
  });

  test("the relay reports parked events in the namespace that the alarm reads", () => {
    const { Variables } = resource(stack, "AWS::Lambda::Function").Properties.Environment as { Variables: object };
    expect(Variables).toMatchObject({ METRICS: "emf", METRICS_NAMESPACE: "Orders" });
    expect(alarm("EventsParked")).toMatchObject({
      Namespace: "Orders",
      Dimensions: [{ Name: "Source", Value: "/orders" }],
    });
  });
});
