import { runProcess } from "@doubleshot/service-kit";
import { createAwsClients } from "@doubleshot/topology";
import { startTracing } from "@doubleshot/tracing";
import type { z } from "zod";
import type { HostedService } from "./hosted-service.ts";
import { readServiceConfig } from "./service-config.ts";
import type { ServiceDefinition } from "./service-definition.ts";
import { startService } from "./start-service.ts";

/** A collector that does not answer must not hold up the end of a process. */
const maxExportMs = 2_000;

/** The whole `main.ts` of a service: its process, configured by the environment, until a signal stops it. */
export function runService<Shape extends z.ZodRawShape>(
  manifest: HostedService,
  definition: ServiceDefinition<Shape>,
): Promise<void> {
  return runProcess(manifest.name, async (kit) => {
    const config = readServiceConfig(manifest, definition.config);
    const tracing = await startTracing({
      service: manifest.name,
      attributes: { "service.namespace": config.SHOP },
      onTrouble: (error) => kit.log.warn({ err: error }, "spans are lost: the collector does not take them"),
    });
    const service = await startService(manifest, definition, { ...kit, config, clients: createAwsClients() });
    const drain = async () => {
      await service.drain();
      await tracing?.stop(maxExportMs);
    };
    return { ...service, drain };
  });
}
