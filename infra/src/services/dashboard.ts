import type { ServiceInShop } from "@doubleshot/shop";
import { physicalName } from "@doubleshot/topology";
import { Duration } from "aws-cdk-lib";
import {
  Dashboard,
  GraphWidget,
  type IMetric,
  type IWidget,
  Metric,
  Stats,
  TextWidget,
} from "aws-cdk-lib/aws-cloudwatch";
import { type ApplicationLoadBalancer, HttpCodeElb, HttpCodeTarget } from "aws-cdk-lib/aws-elasticloadbalancingv2";
import type { Construct } from "constructs";
import type { Settings } from "../stage.ts";
import { gaugeMetric } from "./scaling.ts";
import type { ShopService } from "./shop-service.ts";

export interface DashboardProps {
  readonly settings: Settings;
  readonly services: readonly ShopService[];
  readonly balancer: ApplicationLoadBalancer;
}

const period = Duration.minutes(1);

/** One page over the whole shop: a row for the front door, and one for each service, from its callers to its events. */
export function dashboard(scope: Construct, { settings, services, balancer }: DashboardProps): Dashboard {
  const page = new Dashboard(scope, "Dashboard", { dashboardName: settings.shop, defaultInterval: Duration.hours(3) });
  page.addWidgets(
    graph("Requests", [balancer.metrics.requestCount({ period })]),
    graph("Connections", [balancer.metrics.activeConnectionCount({ period })]),
    graph("5xx of the balancer", [balancer.metrics.httpCodeElb(HttpCodeElb.ELB_5XX_COUNT, { period })]),
  );
  for (const service of services) {
    page.addWidgets(new TextWidget({ markdown: `## ${service.service.name}`, width: 24, height: 1 }));
    page.addWidgets(...rowOf(service, settings));
  }
  return page;
}

function rowOf({ service, fargate, targets }: ShopService, settings: Settings): IWidget[] {
  const gauges = Object.entries(service.scalesOn).map(([name, gauge]) => gaugeMetric(service, settings, name, gauge));
  const { names } = service;
  return [
    ...(targets
      ? [
          graph("Answers", [
            targets.metrics.httpCodeTarget(HttpCodeTarget.TARGET_2XX_COUNT, { period }),
            targets.metrics.httpCodeTarget(HttpCodeTarget.TARGET_4XX_COUNT, { period }),
            targets.metrics.httpCodeTarget(HttpCodeTarget.TARGET_5XX_COUNT, { period }),
          ]),
        ]
      : []),
    graph("Processor and memory, %", [
      fargate.metricCpuUtilization({ period }),
      fargate.metricMemoryUtilization({ period }),
    ]),
    ...(gauges.length > 0 ? [graph("Scaling", gauges)] : []),
    ...messageGraphs(service, settings, names),
  ];
}

function messageGraphs(service: ServiceInShop, { shop }: Settings, names: ServiceInShop["names"]): IWidget[] {
  const queue = (name: string, metricName: string) =>
    new Metric({
      namespace: "AWS/SQS",
      metricName,
      dimensionsMap: { QueueName: physicalName(shop, name) },
      statistic: Stats.MAXIMUM,
      period,
    });
  const visible = "ApproximateNumberOfMessagesVisible";
  const relay = new Metric({
    namespace: "AWS/Lambda",
    metricName: "IteratorAge",
    dimensionsMap: { FunctionName: physicalName(shop, names.relay) },
    statistic: Stats.MAXIMUM,
    period,
  });
  const consumes = Object.keys(service.subscribes).length > 0;
  const publishes = service.publishes.length > 0;
  return [
    ...(publishes ? [graph("Relay behind, ms; records failed", [relay], [queue(names.failedRecords, visible)])] : []),
    ...(consumes
      ? [
          graph(
            "Messages waiting; age of the oldest, s",
            [queue(names.queue, visible)],
            [queue(names.queue, "ApproximateAgeOfOldestMessage")],
          ),
          graph("Dead and undelivered messages", [
            queue(names.deadLetters, visible),
            queue(names.undelivered, visible),
          ]),
        ]
      : []),
  ];
}

function graph(title: string, left: IMetric[], right: IMetric[] = []): GraphWidget {
  return new GraphWidget({ title, left, right, width: 8, height: 6 });
}
