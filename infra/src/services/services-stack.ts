import { addAlarm } from "@doubleshot/cdk";
import type { ServiceInShop, ShopDefinition } from "@doubleshot/shop";
import { CfnOutput, Duration, Stack, type StackProps } from "aws-cdk-lib";
import type { IAlarmAction } from "aws-cdk-lib/aws-cloudwatch";
import { Cluster, ContainerInsights } from "aws-cdk-lib/aws-ecs";
import { HttpCodeElb } from "aws-cdk-lib/aws-elasticloadbalancingv2";
import type { Construct } from "constructs";
import type { Settings } from "../stage.ts";
import { dashboard } from "./dashboard.ts";
import { FrontDoor } from "./front-door.ts";
import type { ImageOf } from "./images.ts";
import { network } from "./network.ts";
import { ShopService } from "./shop-service.ts";

export interface ServicesStackProps extends StackProps {
  readonly shop: ShopDefinition;
  readonly settings: Settings;
  readonly imageOf: ImageOf;
  readonly alarmAction: IAlarmAction;
}

/** The resources that serve requests: the network, the load balancer with its firewall, the services' tasks, and the dashboard over the whole shop. */
export class ServicesStack extends Stack {
  readonly door: FrontDoor;
  readonly services: readonly ShopService[];

  constructor(scope: Construct, id: string, { shop, settings, imageOf, alarmAction, ...props }: ServicesStackProps) {
    super(scope, id, props);
    const vpc = network(this, settings);
    const cluster = new Cluster(this, "Cluster", { vpc, containerInsightsV2: ContainerInsights.ENABLED });
    this.door = new FrontDoor(this, "FrontDoor", vpc, settings);
    const manifests: readonly ServiceInShop[] = Object.values(shop.services);
    const { door } = this;
    this.services = manifests.map(
      (service) =>
        new ShopService(this, { service, settings, cluster, door, image: imageOf(this, service), alarmAction }),
    );
    addAlarm(this, "BalancerErrors", {
      metric: door.balancer.metrics.httpCodeElb(HttpCodeElb.ELB_5XX_COUNT, { period: Duration.minutes(1) }),
      threshold: 10,
      periods: 3,
      description:
        "The load balancer answers with 5xx itself: tasks are gone, or callers have waited for its idle timeout.",
      actions: [alarmAction],
    });
    dashboard(this, { settings, services: this.services, balancer: door.balancer });
    new CfnOutput(this, "Url", { value: door.url });
    new CfnOutput(this, "BalancerName", { value: door.balancer.loadBalancerDnsName });
  }
}
