import type { ShopDefinition } from "@doubleshot/shop";
import type { AwsEndpoints } from "./aws/embedded-aws.ts";
import type { Env } from "./processes/child-environment.ts";

export interface PortSetting {
  /** 0 for a free one. */
  readonly port: number;
  /** Variable or option that moves the port, for the message about a taken one. */
  readonly setting: string;
}

export interface ServiceSettings {
  /** Of the first process. The further ones have free ports. */
  readonly port: PortSetting;
  /** Environment of each process. There are as many processes. */
  readonly env: readonly Env[];
}

/** The processes beside the services that listen on a port. */
export const otherPorts = ["dynamodb", "messaging", "admin"] as const;

export type OtherPort = (typeof otherPorts)[number];

/** An AWS that is there already, with all resources of the shop. */
export interface OtherAws {
  readonly endpoints: AwsEndpoints;
  /** The variables by which the SDK of a process finds it. */
  readonly env: Env;
}

export interface ShopSettings {
  readonly shop: ShopDefinition;
  /** By the names of the shop's services. */
  readonly services: Readonly<Record<string, ServiceSettings>>;
  readonly ports: Readonly<Record<OtherPort, PortSetting>>;
  /** Environment of every service process. */
  readonly env: Env;
  /** Services take the tokens of the shop's own issuer, and refuse callers without one. */
  readonly auth: boolean;
  /** The shop's name on its AWS: the prefix of all its resources. */
  readonly shopName: string;
  /** Takes the place of the embedded AWS. */
  readonly aws?: OtherAws | undefined;
  /** Folder of the embedded AWS, or "memory". */
  readonly data: string;
  /** Serve dynamodb-admin as well. */
  readonly inspector: boolean;
  /** Serve the fault API, whose address the services find in FAULTS_URL. */
  readonly faults: boolean;
  /** Start a process again when it has ended. */
  readonly restart: boolean;
  /** Called with each line for the terminal. */
  readonly report: (line: string) => void;
  /** Called with each line of a process. */
  readonly onLine?: (name: string, line: string) => void;
  /** Called when the ports are free, before the first process. */
  readonly beforeStart?: () => void;
}
