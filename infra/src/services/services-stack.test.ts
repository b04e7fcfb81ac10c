import { coffeeShop, type ServiceInShop } from "@doubleshot/shop";
import { Match } from "aws-cdk-lib/assertions";
import { describe, expect, test } from "vitest";
import { testApps } from "../app.fixture.ts";

const app = testApps();
const { templates, settings } = app("production");
const { services: template } = templates;
const manifests: readonly ServiceInShop[] = Object.values(coffeeShop.services);

interface Container {
  readonly Environment: readonly { readonly Name: string; readonly Value: unknown }[];
  readonly StopTimeout: number;
}

/** The container of a service's task. */
function container({ port }: ServiceInShop) {
  const tasks = Object.values(template.findResources("AWS::ECS::TaskDefinition"));
  const containers: Container[] = tasks.flatMap(({ Properties }) => Properties.ContainerDefinitions);
  const found = containers.find(({ Environment }) =>
    Environment.some(({ Name, Value }) => Name === "PORT" && Value === String(port)),
  );
  if (found === undefined) throw new Error(`No task has the port ${port}.`);
  return { ...found, variables: Object.fromEntries(found.Environment.map(({ Name, Value }) => [Name, Value])) };
}

describe("the load balancer", () => {
  const attributes = Object.values(template.findResources("AWS::ElasticLoadBalancingV2::LoadBalancer")).flatMap(
    ({ Properties }): { Key: string; Value: unknown }[] => Properties.LoadBalancerAttributes,
  );
  const attribute = (key: string) => attributes.find(({ Key }) => Key === key)?.Value;

  test("keeps the connections of waiting callers for as long as it can, and less long than the services do", () => {
    expect(attribute("idle_timeout.timeout_seconds")).toBe("4000");
    for (const service of manifests) {
      expect(Number(container(service).variables.KEEP_ALIVE_SECONDS)).toBeGreaterThan(4_000);
    }
  });

  test("is protected, logs its requests, and drops malformed headers", () => {
    expect(attribute("deletion_protection.enabled")).toBe("true");
    expect(attribute("access_logs.s3.enabled")).toBe("true");
    expect(attribute("routing.http.drop_invalid_header_fields.enabled")).toBe("true");
  });

  test("serves TLS alone, with the certificate of the stage; plain HTTP is redirected", () => {
    template.hasResourceProperties("AWS::ElasticLoadBalancingV2::Listener", {
      Port: 443,
      Protocol: "HTTPS",
      Certificates: [{ CertificateArn: settings.certificate }],
    });
    template.hasResourceProperties("AWS::ElasticLoadBalancingV2::Listener", {
      Port: 80,
      DefaultActions: [Match.objectLike({ Type: "redirect" })],
    });
  });

  test("answers 404 to paths of no service", () => {
    template.hasResourceProperties("AWS::ElasticLoadBalancingV2::Listener", {
      DefaultActions: [Match.objectLike({ FixedResponseConfig: Match.objectLike({ StatusCode: "404" }) })],
    });
  });

  test("raises an alarm when it answers with 5xx itself", () => {
    template.hasResourceProperties("AWS::CloudWatch::Alarm", {
      MetricName: "HTTPCode_ELB_5XX_Count",
      Threshold: 10,
      EvaluationPeriods: 3,
      AlarmActions: Match.anyValue(),
    });
  });

  test("lets one address make so many requests in five minutes, and answers 429 to more", () => {
    template.hasResourceProperties("AWS::WAFv2::WebACL", {
      Scope: "REGIONAL",
      Rules: [
        Match.objectLike({
          Statement: { RateBasedStatement: { AggregateKeyType: "IP", Limit: 10_000, EvaluationWindowSec: 300 } },
          Action: { Block: { CustomResponse: { ResponseCode: 429 } } },
        }),
      ],
    });
    template.resourceCountIs("AWS::WAFv2::WebACLAssociation", 1);
  });
});

describe.each(manifests)("the tasks of $name", (service) => {
  test("have the variables that a process behind a load balancer needs", () => {
    expect(container(service).variables).toEqual({
      SHOP: "doubleshot-production",
      AWS_REGION: { Ref: "AWS::Region" },
      HOST: "0.0.0.0",
      AUTH_JWKS_URL: "https://shop.example.com/.well-known/jwks.json",
      PORT: String(service.port),
      TRUST_PROXY: "1",
      DRAIN_SECONDS: "30",
      KEEP_ALIVE_SECONDS: "4060",
      METRICS: "emf",
    });
  });

  test("are replaced only when new ones are ready, and come back when new ones fail", () => {
    template.hasResourceProperties("AWS::ECS::Service", {
      DesiredCount: 2,
      LaunchType: "FARGATE",
      DeploymentConfiguration: {
        MinimumHealthyPercent: 100,
        MaximumPercent: 200,
        DeploymentCircuitBreaker: { Enable: true, Rollback: true },
      },
      NetworkConfiguration: { AwsvpcConfiguration: Match.objectLike({ AssignPublicIp: "DISABLED" }) },
      LoadBalancers: [Match.objectLike({ ContainerPort: service.port })],
    });
  });

  test("leave the balancer before they are stopped, and drain before they are killed", () => {
    const { variables, StopTimeout } = container(service);
    expect(StopTimeout).toBeGreaterThan(Number(variables.DRAIN_SECONDS));
    template.hasResourceProperties("AWS::ElasticLoadBalancingV2::TargetGroup", {
      Port: service.port,
      HealthCheckPath: "/readyz",
      HealthCheckIntervalSeconds: 10,
      TargetGroupAttributes: Match.arrayWith([
        { Key: "deregistration_delay.timeout_seconds", Value: String(settings.drainSeconds) },
      ]),
    });
    expect(settings.drainSeconds).toBeGreaterThanOrEqual(Number(variables.DRAIN_SECONDS));
  });

  test("have a root that is read-only, and are checked without curl", () => {
    expect(container(service)).toMatchObject({
      ReadonlyRootFilesystem: true,
      HealthCheck: { Command: ["CMD", "node", "-e", expect.stringContaining(`127.0.0.1:${service.port}/livez`)] },
      Ulimits: [{ Name: "nofile", SoftLimit: 65_535, HardLimit: 65_535 }],
    });
  });
});

describe.each(manifests)("the number of tasks of $name", (service) => {
  test("follows processor time and the gauges of the manifest", () => {
    const policies = Object.entries(template.findResources("AWS::ApplicationAutoScaling::ScalingPolicy"))
      .filter(([id]) => id.startsWith(service.name))
      .map(([, { Properties }]) => Properties);
    const targets = policies.flatMap(({ TargetTrackingScalingPolicyConfiguration: target }) => target ?? []);
    const tracked = targets.map(({ CustomizedMetricSpecification: metric, TargetValue }) =>
      metric ? [metric.MetricName, metric.Statistic, TargetValue] : ["cpu", "Average", TargetValue],
    );
    const perProcess = Object.entries(service.scalesOn).flatMap(([name, gauge]) =>
      "perProcess" in gauge ? [[name, "Average", gauge.perProcess]] : [],
    );
    expect(tracked.toSorted()).toEqual([["cpu", "Average", 60], ...perProcess].toSorted());
    for (const [name, gauge] of Object.entries(service.scalesOn)) {
      if (!("overall" in gauge)) continue;
      template.hasResourceProperties("AWS::CloudWatch::Alarm", {
        Namespace: "Doubleshot/doubleshot-production",
        MetricName: name,
        Statistic: "Maximum",
        Threshold: gauge.overall,
        Dimensions: [{ Name: "Service", Value: service.name }],
        AlarmActions: [{ Ref: Match.stringLikeRegexp(`^${service.name}.*UpperPolicy`) }],
      });
    }
  });

  test("raises an alarm when it does not help, as do 5xx and tasks that are not ready", () => {
    const alarms = Object.keys(template.findResources("AWS::CloudWatch::Alarm")).filter((id) =>
      id.startsWith(service.name),
    );
    const expected = ["ServerErrors", "UnhealthyTasks", ...Object.keys(service.scalesOn).map((name) => `High${name}`)];
    for (const name of expected) {
      const id = `${service.name}${name}`.replaceAll(/\W|_/g, "");
      expect(alarms).toContainEqual(expect.stringMatching(new RegExp(`^${id}`)));
    }
  });
});

/** Short names of the resources to which a process of the service has rights. */
function rightsOf(name: string): (string | undefined)[] {
  const policies = Object.entries(template.findResources("AWS::IAM::Policy"));
  const [, policy] = policies.find(([id]) => id.startsWith(`${name}TaskTaskRole`)) ?? [];
  return [...JSON.stringify(policy ?? {}).matchAll(/doubleshot-production-([\w.-]+\*?)/g)].map(([, found]) => found);
}

test.each(manifests.filter(({ operates }) => !operates))(
  "a process of $name has rights to resources of its own service alone",
  ({ name, topology, names, uses }) => {
    const named = rightsOf(name);
    expect(named.length).toBeGreaterThanOrEqual(uses.tables.length);
    const own = [...Object.keys(topology.tables), ...Object.keys(topology.queues), `${names.hintQueues}*`];
    expect(named.filter((found) => !own.includes(found ?? ""))).toEqual([]);
  },
);

test("the process with the engine room has rights to the way of events, and none to secrets and keys", () => {
  const named = manifests.filter(({ operates }) => operates).flatMap(({ name }) => rightsOf(name));
  expect(named).toEqual(
    expect.arrayContaining(["orders-outbox", "barista-subscriber-dead.fifo", "customers-events.fifo"]),
  );
  expect(named.filter((found) => /secrets|keys|requests/.test(found ?? ""))).toEqual([]);
});

test("tasks run in two zones, in subnets that the internet does not reach", () => {
  const zones = new Set(
    Object.values(template.findResources("AWS::EC2::Subnet")).map(({ Properties }) =>
      JSON.stringify(Properties.AvailabilityZone),
    ),
  );
  expect(zones.size).toBe(2);
  for (const { Properties } of Object.values(template.findResources("AWS::ECS::Service"))) {
    const { Subnets } = Properties.NetworkConfiguration.AwsvpcConfiguration;
    expect(Subnets).toHaveLength(2);
    for (const { Ref } of Subnets) expect(Ref).toMatch(/^NetworkprivateSubnet/);
  }
});

test("one dashboard shows every service", () => {
  const [{ Properties }] = Object.values(template.findResources("AWS::CloudWatch::Dashboard")) as [
    { Properties: { DashboardName: string; DashboardBody: unknown } },
  ];
  expect(Properties.DashboardName).toBe("doubleshot-production");
  const body = JSON.stringify(Properties.DashboardBody);
  for (const { name, names, publishes, subscribes } of manifests) {
    expect(body).toContain(`## ${name}`);
    if (Object.keys(subscribes).length > 0) expect(body).toContain(`doubleshot-production-${names.queue}`);
    if (publishes.length > 0) expect(body).toContain(`doubleshot-production-${names.relay}`);
  }
});
