import { type AwsClients, createAwsClients } from "@doubleshot/topology";
import type { Env } from "./child-environment.ts";
import type { AwsEndpoints } from "./embedded-aws.ts";
import { type ShopPorts, Supervisor } from "./supervisor.ts";

export interface ShopOptions {
  /** How many orders processes; 1 if not given. */
  readonly orders?: number;
  /** How many barista processes; 1 if not given. */
  readonly barista?: number;
  /** "memory" (the default), or the folder in which the embedded AWS keeps its data. */
  readonly data?: "memory" | string;
  /** 0, the default, is a free one. Further processes of a service always have free ones. */
  readonly ports?: Partial<ShopPorts>;
  /** Environment of the services: for all, for each process of one service, or for one process by its place. */
  readonly env?: {
    readonly all?: Env;
    readonly orders?: Env | readonly Env[];
    readonly barista?: Env | readonly Env[];
  };
  /** Prefix of every table, topic and queue; "doubleshot" if not given. */
  readonly shop?: string;
  /** Serve dynamodb-admin as well. */
  readonly inspector?: boolean;
  /** Start what dies again; true if not given. */
  readonly restart?: boolean;
  /** One line for each crash and restart. */
  readonly log?: (line: string) => void;
}

export interface ShopProcess {
  readonly name: string;
  readonly url: string;
  readonly pid: number;
  /** Resolves when the process is ready, after its restart if need be; without `restart` it starts a dead one. */
  up(): Promise<void>;
  /** Sends the signal (SIGKILL if not given); resolves when the process is gone. */
  kill(signal?: NodeJS.Signals): Promise<void>;
  /** SIGSTOP: alive, connected and silent. */
  suspend(): void;
  resume(): void;
  /** The newest lines of stdout and stderr. */
  output(): string[];
}

export interface Shop extends AsyncDisposable {
  readonly orders: readonly ShopProcess[];
  readonly barista: readonly ShopProcess[];
  readonly aws: ShopProcess & { readonly endpoints: AwsEndpoints; readonly clients: AwsClients };
  /** Stops every process: services first, then the embedded AWS. */
  close(): Promise<void>;
}

/**
 * Opens a shop of real processes on an embedded AWS of its own; many can be open side by side. Resolves when all are up.
 * If one cannot start, everything is closed again and what it said is thrown (`StartFailed`, `PortTaken`).
 */
export async function openShop(options: ShopOptions = {}): Promise<Shop> {
  const { orders = 1, barista = 1, env = {} } = options;
  const supervisor = new Supervisor({
    orders,
    barista,
    data: options.data ?? "memory",
    ports: { orders: 0, barista: 0, dynamodb: 0, messaging: 0, admin: 0, ...options.ports },
    portSettings: {
      orders: "ports.orders",
      barista: "ports.barista",
      dynamodb: "ports.dynamodb",
      messaging: "ports.messaging",
      admin: "ports.admin",
    },
    shop: options.shop ?? "doubleshot",
    env: { all: env.all ?? {}, orders: perProcess(env.orders, orders), barista: perProcess(env.barista, barista) },
    inspector: options.inspector ?? false,
    restart: options.restart ?? true,
    say: options.log ?? (() => undefined),
  });
  await supervisor.open();
  const { endpoints } = supervisor;
  const clients = createAwsClients({ endpoints });
  const close = async () => {
    await supervisor.close();
    clients.destroy();
  };
  return {
    orders: supervisor.orders,
    barista: supervisor.barista,
    aws: Object.assign(supervisor.aws, { endpoints, clients }),
    close,
    [Symbol.asyncDispose]: close,
  };
}

function perProcess(env: Env | readonly Env[] | undefined, count: number): readonly Env[] {
  return isList(env) ? env : Array.from({ length: count }, () => env ?? {});
}

function isList(env: Env | readonly Env[] | undefined): env is readonly Env[] {
  return Array.isArray(env);
}
