import { fileURLToPath } from "node:url";
import { doubleshot } from "@doubleshot/topology/doubleshot";
import { type Env, inheritedEnvironment } from "./child-environment.ts";
import { type AwsEndpoints, awsEnvironment, readEndpoints } from "./embedded-aws.ts";
import { freePorts, isFree, portsToBeFree, type WantedPort } from "./ports.ts";
import { type ShopProgramFiles, shopProgramFiles } from "./programs/shop-programs.ts";
import { SupervisedProcess } from "./supervised-process.ts";

export interface ShopPorts {
  readonly orders: number;
  readonly barista: number;
  readonly dynamodb: number;
  readonly messaging: number;
  readonly admin: number;
}

export type PortName = keyof ShopPorts;

export interface ShopSettings {
  /** How many processes of each service. The first has the service's port, the others have free ones. */
  readonly orders: number;
  readonly barista: number;
  /** Folder of the embedded AWS, or "memory". */
  readonly data: string;
  /** 0: a free one. */
  readonly ports: ShopPorts;
  /** How a person changes each port, for the sentence about a taken one. */
  readonly portSettings: Readonly<Record<PortName, string>>;
  readonly shop: string;
  readonly env: { readonly all: Env; readonly orders: readonly Env[]; readonly barista: readonly Env[] };
  readonly inspector: boolean;
  readonly restart: boolean;
  readonly say: (line: string) => void;
  readonly onLine?: (name: string, line: string) => void;
  /** Called when the ports are free, before the first process. */
  readonly beforeStart?: () => void;
}

/** What a process has to stop in beyond the DRAIN_SECONDS (10) that services give their callers and handlers. */
const stopMargin = 2_000;

const localAwsEntry = fileURLToPath(new URL("./main.ts", import.meta.resolve("@doubleshot/local-aws")));
const inspectorEntry = fileURLToPath(new URL("./inspector.ts", import.meta.url));

/**
 * The processes of one shop. They open from the ground up, because a service whose tables are missing ends with one
 * sentence instead of waiting, and close from the top down, because a service that drains still has to commit.
 */
export class Supervisor {
  readonly orders: SupervisedProcess[] = [];
  readonly barista: SupervisedProcess[] = [];
  readonly #settings: ShopSettings;
  #aws: SupervisedProcess | undefined;
  #admin: SupervisedProcess | undefined;
  #ports: ShopPorts;
  #inspector: string | undefined;
  #closing: Promise<boolean> | undefined;

  constructor(settings: ShopSettings) {
    this.#settings = settings;
    this.#ports = settings.ports;
  }

  get aws(): SupervisedProcess {
    if (!this.#aws) throw new Error("The shop has not been opened.");
    return this.#aws;
  }

  /** The ports in use, the free ones included, once the shop is open. */
  get ports(): ShopPorts {
    return this.#ports;
  }

  /** Where dynamodb-admin will be in a moment; undefined when somebody else has its port. */
  get inspector(): string | undefined {
    return this.#inspector;
  }

  get endpoints(): AwsEndpoints {
    return readEndpoints(this.aws.listening);
  }

  /** Resolves when every process is up, the inspector excepted: it comes later, so that it costs no start time. */
  async open(): Promise<void> {
    try {
      const programs = await shopProgramFiles(this.#settings.say);
      this.#ports = await this.#choosePorts();
      const { ports } = this;
      this.#settings.beforeStart?.();
      this.#aws = this.#process("aws", localAwsEntry, {
        ...otherDynamo(process.env),
        DATA: this.#settings.data,
        FUNCTIONS: process.env.FUNCTIONS || relays(programs),
        DYNAMODB_PORT: String(ports.dynamodb),
        MESSAGING_PORT: String(ports.messaging),
      });
      await this.#aws.start();
      this.#refuseWhenClosing();
      this.orders.push(...(await this.#service("orders", ports.orders, programs)));
      this.barista.push(...(await this.#service("barista", ports.barista, programs)));
      await Promise.all([...this.orders, ...this.barista].map((process) => process.start()));
      this.#refuseWhenClosing();
      if (this.#settings.inspector) await this.#openInspector(ports.admin);
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  /** Closes the shop; every process is gone afterwards. Resolves with false if one had to be killed. */
  close(): Promise<boolean> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  /** Kills every process at once. */
  async kill(): Promise<void> {
    await Promise.all(this.#all().map((process) => process.stop(0)));
  }

  async #close(): Promise<boolean> {
    const drainSeconds = Number(this.#settings.env.all.DRAIN_SECONDS || process.env.DRAIN_SECONDS || 10);
    const deadline = drainSeconds * 1_000 + stopMargin;
    const stop = (processes: readonly SupervisedProcess[]) =>
      Promise.all(processes.map((process) => process.stop(deadline)));
    const clean = await stop([...this.orders, ...this.barista]);
    await stop(this.#admin ? [this.#admin] : []);
    clean.push(...(await stop(this.#aws ? [this.#aws] : [])));
    return clean.every(Boolean);
  }

  #all(): SupervisedProcess[] {
    return [...this.orders, ...this.barista, this.#admin, this.#aws].filter((process) => process !== undefined);
  }

  #refuseWhenClosing(): void {
    if (this.#closing !== undefined) throw new Error("The shop was closed while it was opening.");
  }

  /** Ports the caller chose are waited for until they are free; the others are chosen here, and kept over restarts. */
  async #choosePorts(): Promise<ShopPorts> {
    const { ports, portSettings } = this.#settings;
    const chosen = { ...ports };
    const names: PortName[] = ["orders", "barista", "dynamodb", "messaging", "admin"];
    const wanted: WantedPort[] = names
      .filter((name) => ports[name] !== 0 && name !== "admin")
      .map((name) => ({ name, port: ports[name], setting: portSettings[name] }));
    await portsToBeFree(wanted);
    const unset = names.filter((name) => ports[name] === 0);
    const free = await freePorts(unset.length);
    unset.forEach((name, index) => {
      chosen[name] = free[index] ?? 0;
    });
    return chosen;
  }

  async #service(
    name: "orders" | "barista",
    firstPort: number,
    { files, env }: ShopProgramFiles,
  ): Promise<SupervisedProcess[]> {
    const count = this.#settings[name];
    const ports = [firstPort, ...(await freePorts(count - 1))];
    const aws = awsEnvironment(this.aws.listening);
    return ports.map((port, index) =>
      this.#process(count === 1 ? name : `${name}-${index + 1}`, files[name], {
        ...env,
        ...aws,
        PORT: String(port),
        ...this.#settings.env.all,
        ...this.#settings.env[name][index],
      }),
    );
  }

  async #openInspector(port: number): Promise<void> {
    const url = `http://127.0.0.1:${port}`;
    const isPromised = await isFree(port);
    if (isPromised) this.#inspector = url;
    const admin = this.#process("dynamodb-admin", inspectorEntry, {
      ...awsEnvironment(this.aws.listening),
      PORT: String(port),
    });
    this.#admin = admin;
    portsToBeFree([{ name: "dynamodb-admin", port, setting: this.#settings.portSettings.admin }])
      .then(() => (this.#closing === undefined ? admin.start() : undefined))
      .then((started) => started && !isPromised && this.#settings.say(`dynamodb-admin is at ${url}`))
      .catch((error: Error) => {
        if (this.#closing === undefined)
          this.#settings.say(`The shop is open without dynamodb-admin. ${error.message}`);
      });
  }

  #process(name: string, entry: string, env: Env): SupervisedProcess {
    const { restart, say, onLine, shop } = this.#settings;
    return new SupervisedProcess(
      { name, entry, env: { ...inheritedEnvironment(), SHOP: shop, ...env } },
      { restart, say, ...(onLine && { onLine: (line: string) => onLine(name, line) }) },
    );
  }
}

/** The caller's own DynamoDB, which the embedded AWS uses where there is no dynoxide. Nothing else of AWS gets through. */
function otherDynamo({ AWS_ENDPOINT_URL_DYNAMODB: own, AWS_ENDPOINT_URL: all }: NodeJS.ProcessEnv): Env {
  return { AWS_ENDPOINT_URL_DYNAMODB: own || all || "" };
}

/** FUNCTIONS of the embedded AWS: every mapping has the relay. */
function relays({ files, env }: ShopProgramFiles): string {
  const relay = { entry: files.relay, env };
  return JSON.stringify(Object.fromEntries(Object.keys(doubleshot.mappings).map((mapping) => [mapping, relay])));
}
