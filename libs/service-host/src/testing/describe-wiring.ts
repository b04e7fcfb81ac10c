import { serve } from "@doubleshot/service-kit";
import { documentOf, routesOf } from "@doubleshot/service-kit/testing";
import { Hints, NoHints, QueueHints } from "@doubleshot/waiting";
import { Container, type ServiceIdentifier } from "inversify";
import { describe, expect, onTestFinished, test } from "vitest";
import type { z } from "zod";
import { host } from "../host-tokens.ts";
import type { HostedService } from "../hosted-service.ts";
import { serviceApp } from "../service-app.ts";
import { serviceContainer } from "../service-container.ts";
import type { ServiceDefinition } from "../service-definition.ts";
import { offlineSetting } from "./offline-setting.ts";

export function describeWiring<Shape extends z.ZodRawShape>(
  manifest: HostedService,
  definition: ServiceDefinition<Shape>,
): void {
  const container = (env?: NodeJS.ProcessEnv) =>
    serviceContainer(manifest, definition, offlineSetting(manifest, definition, env));

  describe("wiring", () => {
    const tokens = [...Object.values(host), Hints, ...ownTokens(manifest, definition)];
    test.each(tokens.map((token) => [nameOf(token), token] as const))(
      "%s resolves, once for the process",
      (_, token) => {
        const one = container();
        const resolved = one.get<unknown>(token);
        expect(resolved).toBeDefined();
        expect(one.get<unknown>(token)).toBe(resolved);
      },
    );

    test("the handlers handle the events of the manifest, and no others", () => {
      const events = Object.values(manifest.subscribes).flatMap((each) => each.map(({ type }) => type));
      expect(container().get(host.subscriber).types.toSorted()).toEqual(events.toSorted());
    });

    test("callers outside reach every operation by the paths of the manifest, and each path leads to an operation", () => {
      const operations = container()
        .get(host.http)
        .apis.flatMap((api) => api.operations.map(({ path }) => path));
      const leadsTo = (path: string, operation: string) => `${operation}/`.startsWith(`${path}/`);
      const { paths } = manifest;
      expect(operations.filter((operation) => !paths.some((path) => leadsTo(path, operation)))).toEqual([]);
      expect(paths.filter((path) => !operations.some((operation) => leadsTo(path, operation)))).toEqual([]);
    });

    test("the metrics that the service is scaled by exist, and are gauges", async () => {
      const process = container();
      process.get(host.hooks);
      process.get(host.http);
      const gauges = Object.keys(manifest.scalesOn);
      const read = gauges.map((name) => process.get(host.metrics).getSingleMetric(name)?.get());
      const types = (await Promise.all(read)).map((metric) => metric?.type);
      expect(types).toEqual(gauges.map(() => "gauge"));
    });

    test("HINTS is a switch, for a service in which callers wait", () => {
      expect(container().get(Hints)).toBeInstanceOf(manifest.waits ? QueueHints : NoHints);
      expect(container({ HINTS: "off" }).get(Hints)).toBeInstanceOf(NoHints);
    });

    test("the document is valid OpenAPI 3.1, and has every route and no other", async () => {
      const { config } = offlineSetting(manifest, definition);
      const app = serviceApp({ name: manifest.name, container: container(), config, ready: () => true });
      const serving = await serve(app, { host: "127.0.0.1", port: 0 });
      onTestFinished(serving.close);
      const { paths } = await documentOf(serving.url);
      const described = Object.entries(paths).flatMap(([path, at]) => Object.keys(at).map((verb) => `${verb} ${path}`));
      expect(described.toSorted()).toEqual(routesOf(app));
    });
  });
}

/** The tokens that the definition's modules bind. */
function ownTokens<Shape extends z.ZodRawShape>(
  manifest: HostedService,
  definition: ServiceDefinition<Shape>,
): ServiceIdentifier[] {
  const { config } = offlineSetting(manifest, definition);
  const found: ServiceIdentifier[] = [];
  const ignored = new Container();
  for (const module of definition.modules({ config, table: (name) => name })) {
    const bind = <T>(token: ServiceIdentifier<T>) => {
      found.push(token);
      return ignored.bind(token);
    };
    module.load({ bind } as Parameters<typeof module.load>[0]);
  }
  return found;
}

function nameOf(token: ServiceIdentifier): string {
  return typeof token === "function" ? token.name : token.toString();
}
