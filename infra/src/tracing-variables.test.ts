import { coffeeShop } from "@doubleshot/shop";
import { expect, test } from "vitest";
import { type TestApp, testApps } from "./app.fixture.ts";

const app = testApps();

/** The OTEL_ variables of each task and of each relay. */
function variablesIn({ templates }: TestApp): Record<string, string>[] {
  const tasks = Object.values(templates.services.findResources("AWS::ECS::TaskDefinition")).map(({ Properties }) =>
    Properties.ContainerDefinitions[0].Environment.map(({ Name, Value }: { Name: string; Value: string }) => [
      Name,
      Value,
    ]),
  );
  const relays = Object.values(templates.data.findResources("AWS::Lambda::Function")).map(({ Properties }) =>
    Object.entries(Properties.Environment.Variables),
  );
  const ofTracing = ([name]: [string, string]) => name.startsWith("OTEL_");
  return [...tasks, ...relays].map((variables) => Object.fromEntries(variables.filter(ofTracing)));
}

const services = Object.values(coffeeShop.services);
const processes = services.length + services.filter(({ publishes }) => publishes.length > 0).length;

test("with a collector, every task and every relay sends the share of spans that was given", () => {
  const collector = "https://otlp.example.com:4318";
  const found = variablesIn(app("production", coffeeShop, { collector, traceRatio: "0.01" }));
  expect(found).toEqual(
    Array(processes).fill({
      OTEL_EXPORTER_OTLP_ENDPOINT: collector,
      OTEL_RESOURCE_ATTRIBUTES: "deployment.environment.name=production",
      OTEL_TRACES_SAMPLER: "traceidratio",
      OTEL_TRACES_SAMPLER_ARG: "0.01",
    }),
  );
});

test("without a collector there are no traces", () => {
  expect(variablesIn(app("test"))).toEqual(Array(processes).fill({}));
});
