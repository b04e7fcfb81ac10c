import { createLogger } from "@doubleshot/service-kit";
import { createAwsClients } from "@doubleshot/topology";
import type { z } from "zod";
import type { HostedService } from "../hosted-service.ts";
import { readServiceConfig } from "../service-config.ts";
import type { ServiceSetting } from "../service-container.ts";
import type { ServiceDefinition } from "../service-definition.ts";

const nowhere = "http://127.0.0.1:9";

/** Input of a process that makes no call: its endpoints do not exist. */
export function offlineSetting<Shape extends z.ZodRawShape>(
  manifest: HostedService,
  definition: ServiceDefinition<Shape>,
  env: NodeJS.ProcessEnv = {},
): ServiceSetting<Shape> {
  return {
    config: readServiceConfig(manifest, definition.config, env),
    log: createLogger(manifest.name, "silent"),
    clients: createAwsClients({ endpoints: { dynamodb: nowhere, sns: nowhere, sqs: nowhere } }),
  };
}
