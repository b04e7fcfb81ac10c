import { onOff, port, readConfig, serviceConfig } from "@doubleshot/service-kit";
import { z } from "zod";
import { authConfig } from "./authentication/index.ts";

/** The environment variables that every hosted service reads, `PORT` included. */
export const hostConfig = {
  ...serviceConfig,
  ...authConfig,
  /** Handle the messages of the subscriber queue in this process. Off: the process serves HTTP alone. */
  CONSUME: onOff("on"),
  /** Exchange hints with other instances. Off: the sweeps find every change. */
  HINTS: onOff("on"),
  /**
   * - `emf`  writes the gauges that the deployment scales by to standard output, in CloudWatch's embedded metric format
   * - `off`  writes none: Prometheus reads `/metrics`
   */
  METRICS: z.enum(["emf", "off"]).default("off").describe("emf or off"),
};

export type HostConfig = z.infer<z.ZodObject<typeof hostConfig>>;

/** The configuration of a service whose own variables have this shape. */
export type ServiceConfig<Shape extends z.ZodRawShape> = HostConfig & z.infer<z.ZodObject<Shape>>;

/**
 * Reads the variables of the host and those of the service. `PORT` is the port of the manifest if it is not set.
 *
 * @throws ConfigError: one sentence that names the first bad variable
 */
export function readServiceConfig<Shape extends z.ZodRawShape>(
  { port: portByDefault }: { readonly port: number },
  own: Shape,
  env: NodeJS.ProcessEnv = process.env,
): ServiceConfig<Shape> {
  const shape = { ...hostConfig, PORT: port(portByDefault), ...own };
  return readConfig(z.object(shape), env) as ServiceConfig<Shape>;
}
