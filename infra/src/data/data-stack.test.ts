import { BrewFinished, OrderPlaced } from "@doubleshot/contracts";
import { byId, coffeeShop, defineShop, type ShopDefinition, service } from "@doubleshot/shop";
import type { Topology } from "@doubleshot/topology";
import { Match } from "aws-cdk-lib/assertions";
import { describe, expect, test } from "vitest";
import { testApps } from "../app.fixture.ts";
import { topologyOf } from "./template-topology.fixture.ts";

const app = testApps();

/** A shop that this folder has never heard of. */
const kiosk = defineShop("kiosk", [
  service("till", { port: 7_001, tables: { coins: byId }, publishes: [OrderPlaced], paths: ["/coins"] }),
  service("safe", { port: 7_002, tables: {}, subscribes: { till: [OrderPlaced] }, waits: true }),
  service("ledger", {
    port: 7_003,
    tables: { ledger: byId },
    publishes: [BrewFinished],
    subscribes: { till: [OrderPlaced], ledger: [BrewFinished] },
  }),
]);

/** A template knows nothing of the types that a subscriber handles, because there is no filter policy. */
function withoutHandlers({ tables, topics, queues, subscriptions, mappings }: Topology) {
  const ends = subscriptions.map(({ topic, queue, undelivered }) => ({ topic, queue, undelivered, handles: [] }));
  return { tables, topics, queues, subscriptions: ends.toSorted(byEnds), mappings };
}

const byEnds = (one: { topic: string; queue: string }, other: { topic: string; queue: string }) =>
  `${one.queue} ${one.topic}`.localeCompare(`${other.queue} ${other.topic}`);

describe.each<[string, ShopDefinition]>([
  ["the coffee shop", coffeeShop],
  ["any other shop", kiosk],
])("%s", (_, shop) => {
  const { templates, settings } = app("test", shop);

  test("has the tables, topics, queues, subscriptions and mappings of its manifests, and no others", () => {
    const found = topologyOf(templates.data, settings.shop);
    expect({ ...found, subscriptions: found.subscriptions.toSorted(byEnds) }).toEqual(withoutHandlers(shop.topology));
  });

  test("has the bucket of its topology, with its expiry", () => {
    const [spec] = Object.values(shop.topology.buckets);
    const buckets = Object.values(templates.data.findResources("AWS::S3::Bucket"));
    expect(buckets.map(({ Properties }) => Properties.LifecycleConfiguration.Rules[0].ExpirationInDays)).toEqual([
      spec?.expireAfterDays,
    ]);
  });
});

test("a topology that differs is noticed", () => {
  const { templates, settings } = app("test");
  const { orders, ...tables } = topologyOf(templates.data, settings.shop).tables;
  expect(tables).not.toEqual(coffeeShop.topology.tables);
  expect(orders).not.toEqual({ ...coffeeShop.topology.tables.orders, ttl: "expiresAt" });
});

describe("tables and buckets", () => {
  test.each([
    ["test", "Delete", false],
    ["staging", "Retain", true],
    ["production", "Retain", true],
  ] as const)("of stage %s have the deletion policy %s", (stage, DeletionPolicy, DeletionProtectionEnabled) => {
    const { templates, data, services } = app(stage);
    const tables = Object.values(templates.data.findResources("AWS::DynamoDB::Table"));
    expect(tables.length).toBeGreaterThan(5);
    for (const table of tables) {
      expect(table).toMatchObject({ DeletionPolicy, Properties: { DeletionProtectionEnabled } });
    }
    for (const template of Object.values(templates)) {
      for (const bucket of Object.values(template.findResources("AWS::S3::Bucket"))) {
        expect(bucket).toMatchObject({ DeletionPolicy });
      }
    }
    expect([data.terminationProtection, services.terminationProtection]).toEqual([
      DeletionProtectionEnabled,
      DeletionProtectionEnabled,
    ]);
  });

  test("can be restored to any second, and are billed by request", () => {
    app("production").templates.data.allResourcesProperties("AWS::DynamoDB::Table", {
      BillingMode: "PAY_PER_REQUEST",
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
    });
  });
});

test("every alarm calls the topic of the operators, who get a mail", () => {
  const { templates } = app("production");
  for (const template of Object.values(templates)) {
    const all = Object.values(template.findResources("AWS::CloudWatch::Alarm"));
    // Those of step scaling call a policy.
    const alarms = all.filter(({ Properties }) => !/scaling alarm/.test(Properties.AlarmDescription));
    expect(alarms.length).toBeGreaterThan(3);
    for (const { Properties } of alarms) {
      expect(Properties.AlarmActions).toHaveLength(1);
      expect(Properties.OKActions).toHaveLength(1);
    }
  }
  templates.data.hasResourceProperties("AWS::SNS::Subscription", {
    Protocol: "email",
    Endpoint: "operators@example.com",
  });
  templates.data.hasResourceProperties("AWS::KMS::Key", {
    KeyPolicy: Match.objectLike({
      Statement: Match.arrayWith([
        Match.objectLike({
          Principal: { Service: "cloudwatch.amazonaws.com" },
          Action: ["kms:Decrypt", "kms:GenerateDataKey"],
        }),
      ]),
    }),
  });
});
