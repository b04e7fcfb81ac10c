import { ClaimCheckBucket, type ResourceProps } from "@doubleshot/cdk";
import type { ServiceInShop, ShopDefinition } from "@doubleshot/shop";
import { physicalName } from "@doubleshot/topology";
import { Aws, RemovalPolicy, Stack, type StackProps } from "aws-cdk-lib";
import { SnsAction } from "aws-cdk-lib/aws-cloudwatch-actions";
import type { Construct } from "constructs";
import type { Settings } from "../stage.ts";
import { tracingVariables } from "../tracing-variables.ts";
import { AlarmTopic } from "./alarm-topic.ts";
import { ServiceData } from "./service-data.ts";

export interface DataStackProps extends StackProps {
  readonly shop: ShopDefinition;
  readonly settings: Settings;
  /** Folder with the relay's bundle, `handler.mjs`. */
  readonly relayBundle: string;
}

/**
 * The resources that outlive the processes: tables, outboxes with their relays and topics, subscribers' queues, and the bucket for large data.
 * All have the names that `provision()` gives them, because processes find them by SHOP.
 */
export class DataStack extends Stack {
  readonly alarmAction: SnsAction;
  readonly parts: readonly ServiceData[];
  readonly claims: readonly ClaimCheckBucket[];

  constructor(scope: Construct, id: string, { shop, settings, relayBundle, ...stack }: DataStackProps) {
    super(scope, id, stack);
    this.alarmAction = new SnsAction(new AlarmTopic(this, "Alarms", settings).topic);
    const shared: ResourceProps = {
      removalPolicy: settings.keepsData ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
      alarmActions: [this.alarmAction],
    };
    const services: readonly ServiceInShop[] = Object.values(shop.services);
    const relayEnvironment = tracingVariables(settings);
    const props = { ...shared, shop: settings.shop, relayBundle, relayEnvironment };
    this.parts = services.map((service) => new ServiceData(this, service, props));
    const topics = new Map(this.parts.map(({ service, outbox }) => [service.name, outbox?.topicArn ?? ""]));
    for (const part of this.parts) part.subscribe(topics);
    this.claims = Object.keys(shop.topology.buckets).map((name) => {
      // Bucket names are shared with all the world: account and region make this one the shop's own.
      const bucketName = `${physicalName(settings.shop, name)}-${Aws.ACCOUNT_ID}-${Aws.REGION}`;
      return new ClaimCheckBucket(this, name, { ...shared, bucketName });
    });
  }
}
