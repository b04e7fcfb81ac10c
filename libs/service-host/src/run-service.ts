import { runProcess } from "@doubleshot/service-kit";
import { createAwsClients } from "@doubleshot/topology";
import type { z } from "zod";
import type { HostedService } from "./hosted-service.ts";
import { readServiceConfig } from "./service-config.ts";
import type { ServiceDefinition } from "./service-definition.ts";
import { startService } from "./start-service.ts";

/** The whole `main.ts` of a service: its process, configured by the environment, until a signal stops it. */
export function runService<Shape extends z.ZodRawShape>(
  manifest: HostedService,
  definition: ServiceDefinition<Shape>,
): Promise<void> {
  return runProcess(manifest.name, async (kit) => {
    const config = readServiceConfig(manifest, definition.config);
    return startService(manifest, definition, { ...kit, config, clients: createAwsClients() });
  });
}
