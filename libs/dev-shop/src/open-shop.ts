import { type CoffeeShopService, coffeeShop, type Service, type ShopDefinition } from "@doubleshot/shop";
import { type AwsClients, createAwsClients } from "@doubleshot/topology";
import type { AwsEndpoints } from "./aws/embedded-aws.ts";
import { makeEndpointShop } from "./aws/endpoint-shop.ts";
import type { Env } from "./processes/child-environment.ts";
import { type OtherPort, otherPorts, type PortSetting, type ServiceSettings } from "./shop-settings.ts";
import { Supervisor } from "./supervisor.ts";

export interface OpenShopOptions<S extends Service = CoffeeShopService> {
  /** Default: the coffee shop. */
  readonly shop?: ShopDefinition<S>;
  /** By the names of the shop's services. */
  readonly services?: { readonly [Name in S["name"]]?: ServiceOptions };
  /** Names of the services that have processes, and relays. The others have their tables and queues. Default: all. */
  readonly only?: readonly S["name"][];
  /** Environment of every service process. */
  readonly env?: Env;
  /** Services take the tokens of the shop's own issuer, and refuse callers without one. Default false. */
  readonly auth?: boolean;
  /** "memory" (the default), or the folder in which the embedded AWS keeps its data. */
  readonly data?: "memory" | string;
  /** 0, the default, is a free one. */
  readonly ports?: Partial<Record<OtherPort, number>>;
  /** The shop's name on its own AWS: the prefix of all its resources. Default: the name in the definition. */
  readonly shopName?: string;
  /** Serve dynamodb-admin as well. Default false. */
  readonly inspector?: boolean;
  /** Serve the fault API as well. Default false. */
  readonly faults?: boolean;
  /** Start a process again when it has ended. Default true. */
  readonly restart?: boolean;
  /** Called with one line for each crash and restart. */
  readonly log?: (line: string) => void;
}

export interface ServiceOptions {
  /** Number of processes. Default 1, or the number of environments in `env`. */
  readonly count?: number;
  /** Environment of all processes of the service, or of each of them. */
  readonly env?: Env | readonly Env[];
  /** Port of the first process. 0, the default, is a free one; the other processes have free ones in any case. */
  readonly port?: number;
}

export interface ShopProcess {
  readonly name: string;
  readonly url: string;
  readonly pid: number;
  /** Resolves when the process is ready, after a restart if it has ended. Without `restart` it starts the process. */
  up(): Promise<void>;
  /** Sends the signal (SIGKILL by default). Resolves when the process is gone. */
  kill(signal?: NodeJS.Signals): Promise<void>;
  /** SIGSTOP: alive, connected and silent. */
  suspend(): void;
  resume(): void;
  /** The newest lines of stdout and stderr. */
  output(): string[];
}

export interface OpenShop<S extends Service = CoffeeShopService> extends AsyncDisposable {
  readonly services: { readonly [Name in S["name"]]: readonly ShopProcess[] };
  /** On an endpoint of the environment, its process is not the shop's, and has neither signals nor output. */
  readonly aws: ShopProcess & { readonly endpoints: AwsEndpoints; readonly clients: AwsClients };
  /** The shop's name on its AWS: the prefix of all its resources. */
  readonly shopName: string;
  /** URL of the fault API; undefined without one. */
  readonly faults: string | undefined;
  close(): Promise<void>;
}

/**
 * Opens a shop of real processes on ports of 127.0.0.1. Any number of shops may be open side by side. With ENDPOINT_SHOPS in
 * the environment, the shop uses the endpoint of the environment's AWS settings in place of an embedded AWS.
 *
 * @throws StartFailedError with the last output of a process that ended, or PortTakenError. The open processes are closed first.
 */
export async function openShop<S extends Service = CoffeeShopService>(
  options: OpenShopOptions<S> = {},
): Promise<OpenShop<S>> {
  const shop: ShopDefinition = options.shop ?? coffeeShop;
  const given: Readonly<Record<string, ServiceOptions | undefined>> = options.services ?? {};
  const only: readonly string[] = options.only ?? Object.keys(shop.services);
  const optionsOf = (name: string) => (only.includes(name) ? given[name] : { count: 0 });
  const onEndpoint = await makeEndpointShop(shop);
  const shopName = onEndpoint?.shopName ?? options.shopName ?? shop.name;
  const supervisor = new Supervisor({
    shop,
    aws: onEndpoint?.aws,
    services: Object.fromEntries(Object.keys(shop.services).map((name) => [name, settingsOf(name, optionsOf(name))])),
    ports: Object.fromEntries(otherPorts.map((name) => [name, portSetting(name, options.ports?.[name])])) as Record<
      OtherPort,
      PortSetting
    >,
    env: options.env ?? {},
    auth: options.auth ?? false,
    shopName,
    data: options.data ?? "memory",
    inspector: options.inspector ?? false,
    faults: options.faults ?? false,
    restart: options.restart ?? true,
    report: options.log ?? (() => undefined),
  });
  await supervisor.open();
  const { endpoints } = supervisor;
  const clients = onEndpoint ? createAwsClients() : createAwsClients({ endpoints });
  const close = async () => {
    await supervisor.close();
    clients.destroy();
  };
  return {
    services: Object.fromEntries<readonly ShopProcess[]>(supervisor.services) as OpenShop<S>["services"],
    aws: Object.assign(onEndpoint ? foreignProcess("aws", endpoints.dynamodb) : supervisor.aws, { endpoints, clients }),
    shopName,
    faults: supervisor.faultsUrl,
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** The process of an endpoint that the shop has not started. */
function foreignProcess(name: string, url: string): ShopProcess {
  const refuse = () => {
    throw new Error("The AWS of this shop is an endpoint of the environment: leave its process alone.");
  };
  return {
    name,
    url,
    pid: 0,
    up: () => Promise.resolve(),
    kill: refuse,
    suspend: refuse,
    resume: refuse,
    output: () => [],
  };
}

function settingsOf(name: string, { count, env = {}, port = 0 }: ServiceOptions = {}): ServiceSettings {
  const ofEach = isList(env) ? env : Array.from({ length: count ?? 1 }, () => env);
  if (count !== undefined && ofEach.length !== count) {
    throw new TypeError(
      `services.${name} has count ${count} and ${ofEach.length} environments: give as many as processes.`,
    );
  }
  return { port: { port, setting: `services.${name}.port` }, env: ofEach };
}

function portSetting(name: OtherPort, port = 0): PortSetting {
  return { port, setting: `ports.${name}` };
}

function isList(env: Env | readonly Env[]): env is readonly Env[] {
  return Array.isArray(env);
}
