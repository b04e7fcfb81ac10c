import * as infrastructure from "@doubleshot/messaging/infrastructure";
import { Duration, type Stack } from "aws-cdk-lib";
import { SnsAction } from "aws-cdk-lib/aws-cloudwatch-actions";
import { Key } from "aws-cdk-lib/aws-kms";
import { Code, Function as Lambda, Runtime } from "aws-cdk-lib/aws-lambda";
import { Topic } from "aws-cdk-lib/aws-sns";
import { describe, expect, test } from "vitest";
import { Inbox } from "./data-table.ts";
import { Outbox } from "./outbox.ts";
import { Subscriber, type SubscriberProps } from "./subscriber.ts";
import {
  account,
  allowed,
  relayCode,
  resource,
  resourcesOf,
  statementsOf,
  testRole,
  testStack,
} from "./synth.fixture.ts";

const topicArn = `arn:aws:sns:eu-central-1:${account}:orders-events.fifo`;
const foreignTopic = "arn:aws:sns:eu-central-1:222222222222:orders-events.fifo";

function kitchenIn(stack: Stack, { inbox = new Inbox(stack, "Inbox"), ...props }: Partial<SubscriberProps> = {}) {
  return new Subscriber(stack, "Kitchen", { topicArns: [topicArn], inbox, ...props });
}

const queueArn = (id: string) => ({ "Fn::GetAtt": [expect.stringMatching(new RegExp(`^${id}`)), "Arn"] });

/** The statements of a queue's policy, but for the one that refuses connections without TLS. */
const senders = (stack: Stack, queue: string) =>
  statementsOf(resource(stack, "AWS::SQS::QueuePolicy", queue)).filter(({ Effect }) => Effect === "Allow");

describe("a subscriber has the settings of the library", () => {
  const stack = testStack();
  const names = { queue: "kitchen.fifo", deadLetters: "kitchen-dead.fifo", undelivered: "kitchen-undelivered.fifo" };
  kitchenIn(stack, { names });

  test("its queue sends to its dead letters after the library's number of receives", () => {
    expect(resource(stack, "AWS::SQS::Queue", "KitchenQueue").Properties).toEqual({
      QueueName: "kitchen.fifo",
      FifoQueue: true,
      ContentBasedDeduplication: false,
      DeduplicationScope: "messageGroup",
      FifoThroughputLimit: "perMessageGroupId",
      VisibilityTimeout: 30,
      MessageRetentionPeriod: 4 * 24 * 60 * 60,
      SqsManagedSseEnabled: true,
      RedrivePolicy: { deadLetterTargetArn: queueArn("KitchenDeadLetters"), maxReceiveCount: 100 },
    });
  });

  test.each([
    ["KitchenDeadLetters", "kitchen-dead.fifo"],
    ["KitchenUndelivered", "kitchen-undelivered.fifo"],
  ])("%s keeps messages for 14 days", (id, QueueName) => {
    expect(resource(stack, "AWS::SQS::Queue", id).Properties).toMatchObject({
      QueueName,
      FifoQueue: true,
      MessageRetentionPeriod: 14 * 24 * 60 * 60,
    });
  });

  test.each(["KitchenQueue", "KitchenUndelivered"])("%s takes messages from the topic alone", (id) => {
    const [expected] = JSON.parse(infrastructure.queuePolicy("queue", topicArn)).Statement;
    expect(senders(stack, id)).toEqual([{ ...expected, Resource: queueArn(id) }]);
  });

  test("every queue refuses connections without TLS", () => {
    const policies = resourcesOf(stack, "AWS::SQS::QueuePolicy");
    expect(policies).toHaveLength(3);
    for (const policy of policies) {
      expect(statementsOf(policy)).toContainEqual(
        expect.objectContaining({ Effect: "Deny", Condition: { Bool: { "aws:SecureTransport": "false" } } }),
      );
    }
  });

  test("the subscription is raw, has a queue for the undelivered, and is made after the policies", () => {
    const subscription = resource(stack, "AWS::SNS::Subscription");
    expect(subscription.Properties).toEqual({
      TopicArn: topicArn,
      Protocol: "sqs",
      Endpoint: queueArn("KitchenQueue"),
      RawMessageDelivery: true,
      RedrivePolicy: { deadLetterTargetArn: queueArn("KitchenUndelivered") },
    });
    for (const id of ["KitchenQueuePolicy", "KitchenUndeliveredPolicy"]) {
      expect(subscription.DependsOn).toContainEqual(expect.stringMatching(new RegExp(`^${id}`)));
    }
  });

  test("the inbox has the library's key, and its rows expire", () => {
    expect(resource(stack, "AWS::DynamoDB::Table", "Inbox").Properties).toMatchObject({
      KeySchema: infrastructure.inboxTable.KeySchema,
      TimeToLiveSpecification: infrastructure.timeToLive,
    });
  });
});

test("a queue of several topics takes messages from each, and from no other", () => {
  const stack = testStack();
  kitchenIn(stack, { topicArns: [topicArn, foreignTopic] });
  const sources = senders(stack, "KitchenQueue").map(({ Condition }) => Condition);
  expect(sources).toEqual([topicArn, foreignTopic].map((arn) => ({ ArnEquals: { "aws:SourceArn": arn } })));
  expect(resourcesOf(stack, "AWS::SNS::Subscription").map(({ Properties }) => Properties.TopicArn)).toEqual([
    topicArn,
    foreignTopic,
  ]);
});

test("a process that polls may do what the library's list says, and no more", () => {
  const stack = testStack();
  kitchenIn(stack).grantConsume(testRole(stack));
  const { consume } = infrastructure.permissions;
  const on = (actions: readonly string[], name: string) => actions.map((action) => `${action} ${name}`);
  expect(allowed(stack, "Process")).toEqual(
    [
      ...on(consume.inbox, "Inbox"),
      ...on(consume.queue, "KitchenQueue"),
      ...on(consume.deadLetters, "KitchenDeadLetters"),
    ].toSorted(),
  );
});

describe("a subscriber that is a function", () => {
  const stack = testStack();
  const handler = new Lambda(stack, "Cook", {
    runtime: Runtime.NODEJS_24_X,
    code: Code.fromInline("exports.handler = () => undefined;"),
    handler: "index.handler",
    timeout: Duration.seconds(20),
  });
  kitchenIn(stack, { function: handler });

  test("is invoked by the queue, and reports the messages that failed", () => {
    const mapping = resource(stack, "AWS::Lambda::EventSourceMapping");
    expect(mapping.Properties).toEqual({
      ...infrastructure.consumerMapping,
      FunctionName: { Ref: expect.stringMatching(/^Cook/) },
      EventSourceArn: queueArn("KitchenQueue"),
    });
    expect(mapping.DependsOn).toContainEqual(expect.stringMatching(/^CookServiceRoleDefaultPolicy/));
  });

  test("hides its messages for six times its time", () => {
    expect(resource(stack, "AWS::SQS::Queue", "KitchenQueue").Properties.VisibilityTimeout).toBe(120);
  });

  test("may do what a poller may, and what Lambda needs", () => {
    const { consumeByLambda } = infrastructure.permissions;
    const rights = allowed(stack, "CookServiceRole");
    expect(rights).toEqual(expect.arrayContaining(consumeByLambda.queue.map((action) => `${action} KitchenQueue`)));
    expect(rights).toContain("sqs:SendMessage KitchenDeadLetters");
  });
});

describe("with a customer-managed key, shared with the topic", () => {
  const stack = testStack();
  const encryptionKey = new Key(stack, "Key");
  const outbox = new Outbox(stack, "Outbox", { source: "/orders", relay: relayCode, encryptionKey });
  const kitchen = kitchenIn(stack, { topicArns: [outbox.topicArn, foreignTopic], encryptionKey });
  kitchen.grantConsume(testRole(stack));

  test("all queues are encrypted with it", () => {
    for (const { Properties } of resourcesOf(stack, "AWS::SQS::Queue")) {
      expect(Properties.KmsMasterKeyId).toEqual(queueArn("Key"));
    }
  });

  test("SNS may use it for topics of this account and of the other, and for those alone", () => {
    expect(statementsOf(resource(stack, "AWS::KMS::Key"), "KeyPolicy")).toContainEqual({
      Effect: "Allow",
      Principal: { Service: "sns.amazonaws.com" },
      Action: ["kms:Decrypt", "kms:GenerateDataKey"],
      Resource: "*",
      Condition: { StringEquals: { "aws:SourceAccount": [account, "222222222222"] } },
    });
  });

  test("a process that polls may decrypt messages, and encrypt those that it moves", () => {
    const rights = allowed(stack, "Process").filter((line) => line.startsWith("kms:"));
    expect(rights).toEqual(expect.arrayContaining(["kms:Decrypt Key", "kms:GenerateDataKey Key"]));
  });

  test("nothing depends on itself", () => {
    // The key's policy must not name the topic that is encrypted with the key: CloudFormation refuses such a circle.
    expect(JSON.stringify(resource(stack, "AWS::KMS::Key"))).not.toContain("OutboxTopic");
  });
});

describe("the alarms of a subscriber", () => {
  const stack = testStack();
  const action = new SnsAction(new Topic(stack, "Operators"));
  const inbox = new Inbox(stack, "Inbox", { alarmActions: [action] });
  kitchenIn(stack, { inbox, alarmActions: [action], maxAge: Duration.minutes(2) });
  const alarms = resourcesOf(stack, "AWS::CloudWatch::Alarm");

  test.each([
    ["KitchenMessagesDead", "ApproximateNumberOfMessagesVisible", "KitchenDeadLetters", 1],
    ["KitchenMessagesUndelivered", "ApproximateNumberOfMessagesVisible", "KitchenUndelivered", 1],
    ["KitchenMessagesOld", "ApproximateAgeOfOldestMessage", "KitchenQueue", 120],
  ])("%s watches %s of %s", (id, MetricName, queue, Threshold) => {
    const name = { "Fn::GetAtt": [expect.stringMatching(new RegExp(`^${queue}`)), "QueueName"] };
    expect(alarms.find((alarm) => alarm.id.startsWith(id))?.Properties).toMatchObject({
      MetricName,
      Threshold,
      Dimensions: [{ Name: "QueueName", Value: name }],
    });
  });

  test("all of them call the action", () => {
    expect(alarms).toHaveLength(4);
    for (const { Properties } of alarms) expect(Properties.AlarmActions).toHaveLength(1);
  });
});
