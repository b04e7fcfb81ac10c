import {
  coffeeShop,
  jwksPath,
  operatorRights,
  processRights,
  type Service,
  type ServiceInShop,
} from "@doubleshot/shop";
import { physicalName } from "@doubleshot/topology";
import { Aws, Duration, RemovalPolicy, Stack } from "aws-cdk-lib";
import { type ContainerImage, FargateTaskDefinition, LogDrivers, UlimitName } from "aws-cdk-lib/aws-ecs";
import { PolicyStatement } from "aws-cdk-lib/aws-iam";
import { LogGroup, RetentionDays } from "aws-cdk-lib/aws-logs";
import type { Construct } from "constructs";
import type { Settings } from "../stage.ts";
import { tracingVariables } from "../tracing-variables.ts";
import { idleSeconds } from "./front-door.ts";

export interface TaskProps {
  readonly service: ServiceInShop;
  readonly settings: Settings;
  /** Of the load balancer. */
  readonly url: string;
  readonly image: ContainerImage;
}

/** From SIGTERM on. The process ends by itself some seconds before Fargate would kill it. */
const drainSeconds = 30;
const stopSeconds = 35;

/** The task of a service: one process, with the rights that its manifest gives it and no others. */
export function taskDefinition(scope: Construct, { service, settings, url, image }: TaskProps): FargateTaskDefinition {
  const task = new FargateTaskDefinition(scope, "Task", {
    cpu: settings.task.cpu,
    memoryLimitMiB: settings.task.memory,
  });
  const arns = arnsOf(Stack.of(scope), settings.shop);
  const services: readonly Service[] = Object.values(coffeeShop.services);
  const rights = [...processRights(service, arns), ...(service.operates ? operatorRights(services, arns) : [])];
  for (const { actions, resources } of rights) {
    task.addToTaskRolePolicy(new PolicyStatement({ actions: [...actions], resources: [...resources] }));
  }
  const logGroup = new LogGroup(scope, "Logs", {
    retention: RetentionDays.ONE_MONTH,
    removalPolicy: RemovalPolicy.DESTROY,
  });
  const container = task.addContainer("process", {
    image,
    portMappings: [{ containerPort: service.port }],
    environment: environmentOf(service, settings, url),
    logging: LogDrivers.awsLogs({ logGroup, streamPrefix: service.name }),
    readonlyRootFilesystem: true,
    stopTimeout: Duration.seconds(stopSeconds),
    // Fargate ignores the image's own check.
    healthCheck: {
      command: ["CMD", "node", "-e", liveness(service.port)],
      interval: Duration.seconds(15),
      timeout: Duration.seconds(5),
      retries: 3,
      startPeriod: Duration.seconds(30),
    },
  });
  // Each waiting caller has a connection, which is an open file.
  container.addUlimits({ name: UlimitName.NOFILE, softLimit: 65_535, hardLimit: 65_535 });
  return task;
}

/** The variables that a process reads. All others keep their defaults. */
function environmentOf(service: ServiceInShop, settings: Settings, url: string): Record<string, string> {
  return {
    SHOP: settings.shop,
    AWS_REGION: Aws.REGION,
    // The task has an address of its own, which only the load balancer reaches.
    HOST: "0.0.0.0",
    // Tasks have no names for each other, so they load the keys of tokens as everybody does.
    AUTH_JWKS_URL: `${url}${jwksPath}`,
    PORT: String(service.port),
    // The load balancer adds the caller's address as the last of X-Forwarded-For.
    TRUST_PROXY: "1",
    DRAIN_SECONDS: String(drainSeconds),
    // Longer than the load balancer keeps a connection: it must be the one that closes.
    KEEP_ALIVE_SECONDS: String(idleSeconds + 60),
    METRICS: "emf",
    ...tracingVariables(settings),
  };
}

function liveness(port: number): string {
  return `fetch("http://127.0.0.1:${port}/livez").then(({ok}) => process.exit(ok ? 0 : 1), () => process.exit(1))`;
}

function arnsOf(stack: Stack, shop: string) {
  return {
    table: (name: string) =>
      stack.formatArn({ service: "dynamodb", resource: "table", resourceName: physicalName(shop, name) }),
    queue: (name: string) => stack.formatArn({ service: "sqs", resource: physicalName(shop, name) }),
    topic: (name: string) => stack.formatArn({ service: "sns", resource: physicalName(shop, name) }),
  };
}
