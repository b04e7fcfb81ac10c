import { receivesEndingWith } from "@doubleshot/local-aws";
import { createLogger, type RunningService } from "@doubleshot/service-kit";
import type { AwsClients } from "@doubleshot/topology";
import type { Container } from "inversify";
import { afterEach, beforeEach } from "vitest";
import type { z } from "zod";
import type { HostedService } from "../hosted-service.ts";
import { readServiceConfig } from "../service-config.ts";
import { type ServiceSetting, serviceContainer } from "../service-container.ts";
import type { ServiceDefinition } from "../service-definition.ts";
import { startService } from "../start-service.ts";
import { OtherService } from "./other-service.ts";
import type { TestEndpoint } from "./test-endpoint.ts";
import type { Row, TestShop } from "./test-shop.ts";

export interface ProcessOptions {
  /** Clients of this process alone, so that a test can make its AWS fail. */
  readonly clients?: AwsClients;
  /** Aborts when the process is asked to stop. */
  readonly signal?: AbortSignal;
}

/** A service in the tests of a file. Each test has a shop of its own, and its processes are drained after it. */
export interface ServiceUnderTest<Shape extends z.ZodRawShape> {
  readonly shop: TestShop;
  /** Input of a process in this shop: its variables are those of `env`, beside a free port and a silent log. */
  setting(env?: NodeJS.ProcessEnv, clients?: AwsClients): ServiceSetting<Shape>;
  /** Starts a process of the service. */
  start(env?: NodeJS.ProcessEnv, options?: ProcessOptions): Promise<RunningService>;
  /** Returns a container as a process has it, without serving or receiving. */
  container(env?: NodeJS.ProcessEnv, clients?: AwsClients): Container;
  /** Another service of the same shop, whose events come to the tested one. */
  otherService(name: string): OtherService;
  rows(table: string): Promise<Row[]>;
  /** Messages of the subscriber queue that are not settled. */
  messagesLeft(): Promise<number>;
}

export function useService<Shape extends z.ZodRawShape>(
  manifest: HostedService,
  definition: ServiceDefinition<Shape>,
  endpoint: TestEndpoint,
): ServiceUnderTest<Shape> {
  let shop: TestShop | undefined;
  const running: RunningService[] = [];
  beforeEach(async () => {
    shop = await endpoint.openShop(manifest);
  });
  afterEach(async () => {
    await Promise.all(running.splice(0).map((service) => service.drain()));
  });

  const here: ServiceUnderTest<Shape> = {
    get shop() {
      if (shop === undefined) throw new Error("The shop opens before each test: use it inside a test.");
      return shop;
    },
    setting: (env = {}, clients = here.shop.clients) => ({
      config: readServiceConfig(manifest, definition.config, {
        SHOP: here.shop.name,
        PORT: "0",
        ...endpoint.env,
        ...env,
      }),
      clients,
      log: createLogger(manifest.name, "silent"),
    }),
    start: async (env, { clients, signal } = {}) => {
      const setting = here.setting(env, clients);
      const draining = new AbortController();
      const longPolls = receivesEndingWith(draining.signal, setting.clients.longPolls, manifest.names.queue);
      const options = { ...setting, clients: { ...setting.clients, longPolls }, ...(signal && { signal }) };
      const started = await startService(manifest, definition, options);
      const drain = () => {
        const drained = started.drain();
        draining.abort();
        return drained;
      };
      const service = { ...started, drain };
      running.push(service);
      return service;
    },
    container: (env, clients) => serviceContainer(manifest, definition, here.setting(env, clients)),
    otherService: (name) => {
      const { shop } = here;
      return new OtherService(manifest.source.replace(/[^/]+$/, name), (message) =>
        shop.send(manifest.names.queue, message),
      );
    },
    rows: (table) => here.shop.rows(table),
    messagesLeft: () => here.shop.messagesLeft(manifest.names.queue),
  };
  return here;
}
