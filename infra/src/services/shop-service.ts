import type { ServiceInShop } from "@doubleshot/shop";
import { Duration } from "aws-cdk-lib";
import type { IAlarmAction } from "aws-cdk-lib/aws-cloudwatch";
import { Port } from "aws-cdk-lib/aws-ec2";
import { type Cluster, type ContainerImage, FargateService } from "aws-cdk-lib/aws-ecs";
import {
  ApplicationListenerRule,
  ApplicationProtocol,
  ApplicationTargetGroup,
  type CfnListenerRule,
  ListenerCondition,
  Protocol,
  TargetGroupLoadBalancingAlgorithmType,
  TargetType,
} from "aws-cdk-lib/aws-elasticloadbalancingv2";
import { Construct } from "constructs";
import type { Settings } from "../stage.ts";
import type { FrontDoor } from "./front-door.ts";
import { scale } from "./scaling.ts";
import { serviceAlarms } from "./service-alarms.ts";
import { taskDefinition } from "./task-definition.ts";

export interface ShopServiceProps {
  readonly service: ServiceInShop;
  readonly settings: Settings;
  readonly cluster: Cluster;
  readonly door: FrontDoor;
  readonly image: ContainerImage;
  readonly alarmAction: IAlarmAction;
}

/** A condition of a rule has five values at most, and a path needs two. */
const pathsPerRule = 2;

const rulesPerService = 50;

/**
 * The rules of a listener have numbers from 1 to 50,000, no two the same. They come from the port, which a service keeps: numbers
 * that changed with each new service would be taken while CloudFormation moves them.
 */
function firstPriority({ port }: ServiceInShop): number {
  return 1 + (port % 1_000) * rulesPerService;
}

/**
 * A service of the shop as tasks on Fargate. A deployment goes like this:
 * - starting      new tasks start beside the old ones, and get requests when `/readyz` has answered twice
 * - failed        tasks that keep failing end the deployment, and the old version stays
 * - deregistering an old task gets no more requests. Callers that wait there have `drainSeconds` to be answered
 * - draining      the old task gets its SIGTERM and has 30 s: it answers the callers that still wait with 503
 */
export class ShopService extends Construct {
  readonly service: ServiceInShop;
  readonly fargate: FargateService;
  /** Undefined for a service that nobody outside calls. */
  readonly targets: ApplicationTargetGroup | undefined;

  constructor(scope: Construct, props: ShopServiceProps) {
    super(scope, props.service.name);
    const { service, settings, cluster, image } = props;
    this.service = service;
    this.fargate = new FargateService(this, "Service", {
      cluster,
      taskDefinition: taskDefinition(this, { service, settings, url: props.door.url, image }),
      desiredCount: settings.tasks.min,
      minHealthyPercent: 100,
      maxHealthyPercent: 200,
      circuitBreaker: { enable: true, rollback: true },
      // A task that is starting is not counted as unhealthy for so long.
      healthCheckGracePeriod: service.paths.length > 0 ? Duration.seconds(60) : undefined,
      assignPublicIp: false,
      enableECSManagedTags: true,
    });
    this.targets = service.paths.length > 0 ? this.#route(props) : undefined;
    scale(this.fargate, service, settings);
    serviceAlarms(this, { ...props, targets: this.targets });
  }

  #route({ service, settings, cluster, door }: ShopServiceProps): ApplicationTargetGroup {
    const targets = new ApplicationTargetGroup(this, "Targets", {
      vpc: cluster.vpc,
      port: service.port,
      protocol: ApplicationProtocol.HTTP,
      targetType: TargetType.IP,
      targets: [this.fargate],
      // Callers wait on their connection, so the task with the fewest requests has the most room.
      loadBalancingAlgorithmType: TargetGroupLoadBalancingAlgorithmType.LEAST_OUTSTANDING_REQUESTS,
      deregistrationDelay: Duration.seconds(settings.drainSeconds),
      healthCheck: {
        path: "/readyz",
        protocol: Protocol.HTTP,
        interval: Duration.seconds(10),
        timeout: Duration.seconds(5),
        healthyThresholdCount: 2,
        unhealthyThresholdCount: 3,
      },
    });
    this.fargate.connections.allowFrom(door.balancer, Port.tcp(service.port));
    this.#routeDocument(service, door, targets);
    for (let start = 0; start < service.paths.length; start += pathsPerRule) {
      const paths = service.paths.slice(start, start + pathsPerRule);
      door.listener.addTargetGroups(`${service.name}${start}`, {
        targetGroups: [targets],
        priority: firstPriority(service) + start,
        conditions: [ListenerCondition.pathPatterns(paths.flatMap(patternsOf))],
      });
    }
    return targets;
  }

  /** Each service has its document at `/openapi.json` and `/docs`, so the load balancer gives them a prefix with its name. */
  #routeDocument(service: ServiceInShop, { listener }: FrontDoor, targets: ApplicationTargetGroup): void {
    const prefix = `/api/${service.name}`;
    const paths = ["openapi.json", "docs", "docs/*"].map((path) => `${prefix}/${path}`);
    const rule = new ApplicationListenerRule(this, "Document", {
      listener,
      priority: firstPriority(service) + rulesPerService - 1,
      conditions: [ListenerCondition.pathPatterns(paths)],
      targetGroups: [targets],
    });
    (rule.node.defaultChild as CfnListenerRule).transforms = [
      { type: "url-rewrite", urlRewriteConfig: { rewrites: [{ regex: `^${prefix}/(.*)$`, replace: "/$1" }] } },
    ];
  }
}

/** The path and those below it, as a manifest has them. */
function patternsOf(path: string): string[] {
  return path === "/" ? [path] : [path, `${path}/*`];
}
