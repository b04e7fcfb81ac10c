import { createOutbox, type Outbox, subscriber } from "@doubleshot/messaging";
import { prometheusMetrics } from "@doubleshot/messaging/prometheus";
import { type Logger, processMetrics, type Registry } from "@doubleshot/service-kit";
import { type AwsClients, physicalName } from "@doubleshot/topology";
import { Hints, NoHints, QueueHints } from "@doubleshot/waiting";
import { Container, ContainerModule } from "inversify";
import type { z } from "zod";
import { host } from "./host-tokens.ts";
import type { HostedService } from "./hosted-service.ts";
import type { ServiceConfig } from "./service-config.ts";
import type { ServiceDefinition } from "./service-definition.ts";
import { startCountersAtZero } from "./start-counters-at-zero.ts";

/** The input of a process: from its environment, or from a test. */
export interface ServiceSetting<Shape extends z.ZodRawShape> {
  readonly config: ServiceConfig<Shape>;
  readonly log: Logger;
  readonly clients: AwsClients;
}

/** The container of a service: the host's bindings and those of the definition, one of each in a process. */
export function serviceContainer<Shape extends z.ZodRawShape>(
  manifest: HostedService,
  definition: ServiceDefinition<Shape>,
  { config, log, clients }: ServiceSetting<Shape>,
): Container {
  const physical = (shortName: string) => physicalName(config.SHOP, shortName);
  const container = new Container({ defaultScope: "Singleton" });
  const get = container.get.bind(container) as Container["get"];

  const ofHost = new ContainerModule(({ bind }) => {
    bind(host.log).toConstantValue(log);
    bind(host.clients).toConstantValue(clients);
    bind(host.documents).toConstantValue(clients.documents);
    bind(host.metrics).toResolvedValue(processMetrics);
    bind(host.outbox).toResolvedValue(
      (metrics: Registry) =>
        createOutbox({
          client: clients.documents,
          source: manifest.source,
          tables: { outbox: physical(manifest.names.outbox), inbox: physical(manifest.names.inbox) },
          metrics: prometheusMetrics(metrics),
        }),
      [host.metrics],
    );
    bind(host.subscriber).toResolvedValue(
      (outbox: Outbox, metrics: Registry) => {
        startCountersAtZero(prometheusMetrics(metrics), manifest.name);
        return subscriber(manifest.name, outbox, definition.subscriptions(get));
      },
      [host.outbox, host.metrics],
    );
    bind(host.http).toResolvedValue(() => definition.http(get));
    bind(host.hooks).toResolvedValue(() => definition.hooks?.(get) ?? {});
    bind(Hints).toDynamicValue(() => (manifest.waits && config.HINTS ? queueHints() : new NoHints()));
  });

  function queueHints(): Hints {
    return new QueueHints({
      clients,
      table: physical(manifest.names.instances),
      queuePrefix: physical(manifest.names.hintQueues),
      log,
      // Resolved at the first hint: the classes that hints wake depend on `Hints` themselves.
      onHints: (hints) => get(host.hooks).onHints?.(hints),
    });
  }

  container.load(ofHost, ...definition.modules({ config, table: physical }));
  return container;
}
