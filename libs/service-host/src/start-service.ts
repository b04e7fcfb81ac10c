import { type RunningService, serve } from "@doubleshot/service-kit";
import { Hints } from "@doubleshot/waiting";
import type { z } from "zod";
import { tokenAuthentication } from "./authentication/index.ts";
import { checkResources } from "./check-resources.ts";
import { consume } from "./consume.ts";
import { host } from "./host-tokens.ts";
import type { HostedService } from "./hosted-service.ts";
import { reportGauges } from "./report-gauges.ts";
import { serviceApp } from "./service-app.ts";
import { type ServiceSetting, serviceContainer } from "./service-container.ts";
import type { ServiceDefinition } from "./service-definition.ts";
import { unlessAborted } from "./unless-aborted.ts";

export interface StartOptions<Shape extends z.ZodRawShape> extends ServiceSetting<Shape> {
  /** Aborts when the process is asked to stop, some time before it drains. Before the service listens, it ends the start. */
  readonly signal?: AbortSignal;
}

/**
 * Starts a service and returns it running:
 *
 * - starting   1. check that callers are known, or on this machine; 2. check the resources; 3. build the container; 4. start the
 *              hints; 5. serve HTTP; 6. receive messages
 * - running    `/readyz` answers 200
 * - closing    from the signal, or from `drain`: `/readyz` answers 503, no message is received, no new work begins
 * - draining   1. end the waits, the connections and the messages in hand; 2. finish background work; 3. remove the hints
 *
 * @throws PreflightError, ConfigError: one sentence each. The signal's reason, if it aborts before the service listens
 */
export async function startService<Shape extends z.ZodRawShape>(
  manifest: HostedService,
  definition: ServiceDefinition<Shape>,
  { signal, ...setting }: StartOptions<Shape>,
): Promise<RunningService> {
  const { config, clients, log } = setting;
  const authentication = tokenAuthentication(config, log);
  const queues = await unlessAborted(signal, () =>
    checkResources(manifest, { shop: config.SHOP, clients, consumes: config.CONSUME }),
  );
  const container = serviceContainer(manifest, definition, setting);
  const hooks = container.get(host.hooks);
  const hints = container.get(Hints);
  const drainHints = async (error: unknown): Promise<never> => {
    await hints.drain();
    throw error;
  };
  // From here on AWS may be unavailable: hints, polling and requests wait for it.
  await unlessAborted(signal, () => hints.start()).catch(drainHints);

  const draining = new AbortController();
  const closing = signal === undefined ? draining.signal : AbortSignal.any([draining.signal, signal]);
  closing.addEventListener("abort", () => hooks.onClosing?.(), { once: true });
  const app = serviceApp({ name: manifest.name, container, config, ready: () => !closing.aborted, authentication });
  const serving = await serve(app, {
    host: config.HOST,
    port: config.PORT,
    log,
    trustProxy: config.TRUST_PROXY,
    keepAliveMs: config.KEEP_ALIVE_SECONDS * 1_000,
    maxLongRequests: definition.maxLongRequests?.(config),
    descriptorsPerConnection: definition.descriptorsPerConnection,
  }).catch(drainHints);
  void authentication?.followKeys(closing);
  const subscriber = container.get(host.subscriber);
  const reporting = config.METRICS === "emf" && reportGauges(container.get(host.metrics), manifest, config.SHOP);
  const consuming = queues && consume({ subscriber, clients, log, queues, signal: closing });

  return {
    url: serving.url,
    drain: async () => {
      draining.abort();
      await Promise.all([hooks.onDraining?.(), serving.close(), consuming]);
      await hooks.onDrained?.();
      if (reporting) reporting.stop();
      // Last: handlers and background work that have just ended still send hints.
      await hints.drain();
    },
  };
}
