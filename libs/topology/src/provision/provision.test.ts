import { DescribeTableCommand, DescribeTimeToLiveCommand } from "@aws-sdk/client-dynamodb";
import {
  CreateTopicCommand,
  GetSubscriptionAttributesCommand,
  GetTopicAttributesCommand,
  ListSubscriptionsByTopicCommand,
  PublishCommand,
  SubscribeCommand,
} from "@aws-sdk/client-sns";
import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SetQueueAttributesCommand,
} from "@aws-sdk/client-sqs";
import { describe, expect, onTestFinished, test } from "vitest";
import { createAwsClients } from "../clients/aws-clients.ts";
import { queueUrl, topicArn } from "../lookups.ts";
import { twoServices } from "../two-services.fixture.ts";
import { useShops } from "./provision.fixture.ts";
import type { Attach } from "./provision.ts";
import type { ProvisionReport } from "./provision-report.ts";

const aws = useShops();

const states = (report: ProvisionReport) => [...new Set(report.parts.map((part) => part.state))];
const changes = (report: ProvisionReport) =>
  report.parts.filter(({ state }) => state !== "there").map(({ kind, name, state }) => `${state} ${kind} ${name}`);
const queueAttributes = async (name: string) => {
  const QueueUrl = await queueUrl(aws.clients, aws.shop, name);
  const { Attributes } = await aws.clients.sqs.send(
    new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["All"] }),
  );
  return Attributes ?? {};
};
const describeTable = async (name: string) =>
  (await aws.clients.dynamodb.send(new DescribeTableCommand({ TableName: `${aws.shop}-${name}` }))).Table;
const subscriptionOf = async (topic: string) => {
  const TopicArn = await topicArn(aws.clients, aws.shop, topic);
  const { Subscriptions = [] } = await aws.clients.sns.send(new ListSubscriptionsByTopicCommand({ TopicArn }));
  const arns = Subscriptions.map(({ SubscriptionArn }) => SubscriptionArn);
  const read = new GetSubscriptionAttributesCommand({ SubscriptionArn: arns[0] });
  return { count: arns.length, attributes: (await aws.clients.sns.send(read)).Attributes ?? {} };
};

describe("a first run", () => {
  test("makes every part of the topology and logs each", async () => {
    const lines: string[] = [];
    const report = await aws.provision({ log: (line) => lines.push(line) });

    expect(states(report)).toEqual(["made"]);
    expect(lines).toEqual(changes(report));
    const count = (kind: string) => report.parts.filter((part) => part.kind === kind).length;
    expect([count("table"), count("topic"), count("queue"), count("subscription")]).toEqual([8, 2, 8, 2]);
    expect([count("index"), count("stream"), count("policy")]).toEqual([3, 2, 4]);
    expect([count("bucket"), count("expiry")]).toEqual([1, 1]);
  });

  test("makes tables that cost nothing while idle, with stream, index and expiry", async () => {
    await aws.provision();
    const outbox = await describeTable("orders-outbox");
    expect(outbox?.BillingModeSummary?.BillingMode).toBe("PAY_PER_REQUEST");
    expect(outbox?.StreamSpecification).toEqual({ StreamEnabled: true, StreamViewType: "NEW_IMAGE" });
    expect((await describeTable("barista"))?.GlobalSecondaryIndexes).toMatchObject([
      { IndexName: "lanes", KeySchema: [{ AttributeName: "lane" }, { AttributeName: "place" }] },
    ]);
    const ttl = new DescribeTimeToLiveCommand({ TableName: `${aws.shop}-orders-outbox` });
    expect((await aws.clients.dynamodb.send(ttl)).TimeToLiveDescription).toMatchObject({
      AttributeName: "expiresAt",
      TimeToLiveStatus: "ENABLED",
    });
  });

  test("gives topics and queues high throughput from the start", async () => {
    await aws.provision();
    const read = new GetTopicAttributesCommand({
      TopicArn: await topicArn(aws.clients, aws.shop, "orders-events.fifo"),
    });
    expect((await aws.clients.sns.send(read)).Attributes).toMatchObject({
      FifoTopic: "true",
      FifoThroughputScope: "MessageGroup",
    });
    expect(await queueAttributes("barista-subscriber.fifo")).toMatchObject({
      DeduplicationScope: "messageGroup",
      FifoThroughputLimit: "perMessageGroupId",
      ContentBasedDeduplication: "false",
      VisibilityTimeout: "30",
      MessageRetentionPeriod: "345600",
    });
  });
});

describe("the queues of a first run", () => {
  test("take messages of the topic alone, subscribed and undelivered", async () => {
    await aws.provision();
    for (const name of ["barista-subscriber.fifo", "barista-subscriber-undelivered.fifo"]) {
      const { Policy = "", QueueArn } = await queueAttributes(name);
      expect(JSON.parse(Policy).Statement).toEqual([
        {
          Effect: "Allow",
          Principal: { Service: "sns.amazonaws.com" },
          Action: "sqs:SendMessage",
          Resource: QueueArn,
          Condition: { ArnEquals: { "aws:SourceArn": await topicArn(aws.clients, aws.shop, "orders-events.fifo") } },
        },
      ]);
    }
  });

  test("include dead letters for each subscriber and undelivered messages for each subscription", async () => {
    await aws.provision();
    const arn = async (name: string) => (await queueAttributes(name)).QueueArn;
    expect(JSON.parse((await queueAttributes("barista-subscriber.fifo")).RedrivePolicy ?? "")).toEqual({
      deadLetterTargetArn: await arn("barista-subscriber-dead.fifo"),
      maxReceiveCount: 100,
    });
    const { attributes } = await subscriptionOf("orders-events.fifo");
    expect(JSON.parse(attributes.RedrivePolicy ?? "")).toEqual({
      deadLetterTargetArn: await arn("barista-subscriber-undelivered.fifo"),
    });
  });

  test("receive a published message unchanged", async () => {
    await aws.provision();
    const TopicArn = await topicArn(aws.clients, aws.shop, "orders-events.fifo");
    const message = { Message: '{"id":"1"}', MessageGroupId: "order#1", MessageDeduplicationId: "1" };
    await aws.clients.sns.send(new PublishCommand({ TopicArn, ...message }));
    const QueueUrl = await queueUrl(aws.clients, aws.shop, "barista-subscriber.fifo");
    const receive = new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 5 });
    expect((await aws.clients.longPolls.send(receive)).Messages).toMatchObject([{ Body: '{"id":"1"}' }]);
  });
});

describe("the mappings of a first run", () => {
  test("are attached last, with the ARNs and the URL of their ends", async () => {
    const attached: Parameters<Attach>[] = [];
    const report = await aws.provision({
      attach: async (...call) => {
        attached.push(call);
        return "made";
      },
    });
    expect(attached.map(([name]) => name)).toEqual(["orders-outbox-relay", "barista-outbox-relay"]);
    expect(attached[0]?.[1]).toBe(twoServices.mappings["orders-outbox-relay"]);
    expect(attached[0]?.[2]).toEqual({
      streamArn: (await describeTable("orders-outbox"))?.LatestStreamArn,
      topicArn: await topicArn(aws.clients, aws.shop, "orders-events.fifo"),
      onFailureQueueUrl: await queueUrl(aws.clients, aws.shop, "orders-outbox-failed"),
    });
    expect(report.parts.slice(-2).map(({ kind, name }) => `${kind} ${name}`)).toEqual([
      `mapping ${aws.shop}-orders-outbox-relay`,
      `mapping ${aws.shop}-barista-outbox-relay`,
    ]);
  });
});

describe("another run", () => {
  test("finds every part, logs nothing and leaves one subscription", async () => {
    const first = await aws.provision();
    const lines: string[] = [];
    const second = await aws.provision({ log: (line) => lines.push(line) });

    expect(states(second)).toEqual(["there"]);
    expect(second.parts.map(({ name }) => name).sort()).toEqual(first.parts.map(({ name }) => name).sort());
    expect(lines).toEqual([]);
    expect((await subscriptionOf("orders-events.fifo")).count).toBe(1);
  });

  // An emulator counts the rows of a table for each description, so a start with a history would take longer with each.
  test("reads each table once", async () => {
    await aws.provision();
    const clients = createAwsClients({ endpoints: aws.endpoints });
    onTestFinished(() => clients.destroy());
    const described: unknown[] = [];
    clients.dynamodb.middlewareStack.add(
      (next, { commandName }) =>
        (call) => {
          if (commandName === "DescribeTableCommand") described.push(Object(call.input).TableName);
          return next(call);
        },
      { step: "initialize" },
    );
    await aws.provision({ clients });
    const tables = Object.keys(twoServices.tables).map((name) => `${aws.shop}-${name}`);
    expect(new Set(described)).toEqual(new Set(tables));
    // One more call asks whether the service answers.
    expect(described).toHaveLength(tables.length + 1);
  });

  test("at the same time succeeds, and together they make everything once", async () => {
    await Promise.all([aws.provision(), aws.provision(), aws.provision()]);
    expect(states(await aws.provision())).toEqual(["there"]);
    expect((await subscriptionOf("barista-events.fifo")).count).toBe(1);
  });

  test("does not touch another shop's parts", async () => {
    await aws.provision();
    expect(states(await aws.provision({ shop: `${aws.shop}-next-door` }))).toEqual(["made"]);
  });
});

describe("a half-made topology", () => {
  test("with a table that lacks index, stream and expiry is completed", async () => {
    const { barista, ...others } = twoServices.tables;
    const bare = { ...others, barista: { key: barista.key }, "orders-outbox": { key: others["orders-outbox"].key } };
    await aws.provision({ topology: { ...twoServices, tables: bare } });

    expect(changes(await aws.provision()).sort()).toEqual([
      `made index ${aws.shop}-barista lanes`,
      `made stream ${aws.shop}-orders-outbox`,
      `made ttl ${aws.shop}-barista expiresAt`,
      `made ttl ${aws.shop}-orders-outbox expiresAt`,
    ]);
    expect((await describeTable("orders-outbox"))?.StreamSpecification?.StreamViewType).toBe("NEW_IMAGE");
    expect(states(await aws.provision())).toEqual(["there"]);
  });

  test("with queues and a subscription from an earlier version is brought up to date", async () => {
    const name = `${aws.shop}-barista-subscriber.fifo`;
    const create = { QueueName: name, Attributes: { FifoQueue: "true", VisibilityTimeout: "5" } };
    const { QueueUrl } = await aws.clients.sqs.send(new CreateQueueCommand(create));
    const topic = { Name: `${aws.shop}-orders-events.fifo`, Attributes: { FifoTopic: "true" } };
    const { TopicArn } = await aws.clients.sns.send(new CreateTopicCommand(topic));
    const { QueueArn: Endpoint } = await queueAttributes("barista-subscriber.fifo");
    await aws.clients.sns.send(new SubscribeCommand({ TopicArn, Protocol: "sqs", Endpoint }));

    expect((await aws.provision()).parts).toEqual(
      expect.arrayContaining([
        { kind: "queue", name, state: "changed" },
        { kind: "policy", name, state: "made" },
        { kind: "subscription", name: `${aws.shop}-orders-events.fifo ${name}`, state: "changed" },
      ]),
    );
    expect(await queueAttributes("barista-subscriber.fifo")).toMatchObject({ VisibilityTimeout: "30" });
    expect((await subscriptionOf("orders-events.fifo")).attributes).toMatchObject({ RawMessageDelivery: "true" });

    await aws.clients.sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { Policy: "{}" } }));
    expect(changes(await aws.provision())).toEqual([`changed policy ${name}`]);
    expect(states(await aws.provision())).toEqual(["there"]);
  });
});
