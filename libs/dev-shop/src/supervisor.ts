import { fileURLToPath } from "node:url";
import { issuerOf, jwksPath, urlVariable } from "@doubleshot/shop";
import { type AwsEndpoints, awsEnvironment, readEndpoints } from "./aws/embedded-aws.ts";
import { choosePorts } from "./choose-ports.ts";
import { type FaultServer, openFaultServer } from "./faults/fault-server.ts";
import { type FaultyShop, ShopFaults } from "./faults/shop-faults.ts";
import { freePorts, isFree, waitForFreePorts } from "./ports.ts";
import { type Env, inheritedEnvironment } from "./processes/child-environment.ts";
import { SupervisedProcess } from "./processes/supervised-process.ts";
import { type ShopProgramFiles, shopProgramFiles } from "./programs/shop-programs.ts";
import type { ShopSettings } from "./shop-settings.ts";

/** Time for a stop beyond the DRAIN_SECONDS (10) that services give their callers and handlers. */
const stopMarginMs = 2_000;

const localAwsEntry = fileURLToPath(new URL("./main.ts", import.meta.resolve("@doubleshot/local-aws")));
const root = fileURLToPath(new URL("../../../", import.meta.url));
const inspectorEntry = fileURLToPath(new URL("./inspector.ts", import.meta.url));

/**
 * The processes of one shop.
 *
 * The embedded AWS starts first, because a service without its tables ends with one sentence. It stops last, because a service that
 * drains still has to commit.
 */
export class Supervisor {
  /** By the names of the shop's services. */
  readonly services = new Map<string, readonly SupervisedProcess[]>();
  readonly #settings: ShopSettings;
  #aws: SupervisedProcess | undefined;
  #admin: SupervisedProcess | undefined;
  #ports: ReadonlyMap<string, number> = new Map();
  #inspector: string | undefined;
  readonly #faults = new ShopFaults(() => this.#faultyShop);
  #faultServer: FaultServer | undefined;
  #closing: Promise<boolean> | undefined;

  constructor(settings: ShopSettings) {
    this.#settings = settings;
  }

  get aws(): SupervisedProcess {
    if (!this.#aws) throw new Error("The shop has not been opened, or its AWS is not a process of its own.");
    return this.#aws;
  }

  /** URL of dynamodb-admin, which comes last; undefined when another program has its port. */
  get inspector(): string | undefined {
    return this.#inspector;
  }

  /** URL of the fault API; undefined without one. */
  get faultsUrl(): string | undefined {
    return this.#faultServer?.url;
  }

  get endpoints(): AwsEndpoints {
    return this.#settings.aws?.endpoints ?? readEndpoints(this.aws.listening);
  }

  get #awsEnv(): Env {
    return this.#settings.aws?.env ?? awsEnvironment(this.aws.listening);
  }

  /** All processes of all services. */
  get serviceProcesses(): readonly SupervisedProcess[] {
    return [...this.services.values()].flat();
  }

  /** Resolves when every process listens, except the inspector: it comes later, so that it costs no start time. */
  async open(): Promise<void> {
    const { shop, aws, inspector, faults, report, beforeStart } = this.#settings;
    try {
      const programs = await shopProgramFiles(shop, report);
      this.#ports = await choosePorts(this.#settings);
      beforeStart?.();
      if (faults) this.#faultServer = await openFaultServer(this.#faults);
      if (aws === undefined) await this.#openAws(programs);
      this.#refuseWhenClosing();
      for (const name of Object.keys(shop.services)) this.services.set(name, await this.#service(name, programs));
      await Promise.all(this.serviceProcesses.map((process) => process.start()));
      this.#refuseWhenClosing();
      if (inspector) await this.#openInspector();
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  /** Closes the shop. Every process is gone afterwards. Resolves with false if one had to be killed. */
  close(): Promise<boolean> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  /** Kills every process at once. */
  async kill(): Promise<void> {
    this.#faults.close();
    const all = [...this.serviceProcesses, this.#admin, this.#aws];
    await Promise.all(all.map((process) => process?.stop(0)));
  }

  async #close(): Promise<boolean> {
    this.#faults.close();
    await this.#faultServer?.close();
    const drainSeconds = Number(this.#settings.env.DRAIN_SECONDS || process.env.DRAIN_SECONDS || 10);
    const deadlineMs = drainSeconds * 1_000 + stopMarginMs;
    const stop = (processes: readonly SupervisedProcess[]) =>
      Promise.all(processes.map((process) => process.stop(deadlineMs)));
    const clean = await stop(this.serviceProcesses);
    await stop(this.#admin ? [this.#admin] : []);
    clean.push(...(await stop(this.#aws ? [this.#aws] : [])));
    return clean.every(Boolean);
  }

  #refuseWhenClosing(): void {
    if (this.#closing !== undefined) throw new Error("The shop was closed while it was opening.");
  }

  #port(name: string): number {
    return this.#ports.get(name) ?? 0;
  }

  async #openAws(programs: ShopProgramFiles): Promise<void> {
    const { topology, services } = this.#settings.shop;
    const running = Object.values(services).filter(({ name }) => this.#settings.services[name]?.env.length);
    const mappings = running.map(({ names }) => names.relay).filter((relay) => relay in topology.mappings);
    this.#aws = this.#process("aws", localAwsEntry, {
      ...otherDynamo(process.env),
      DATA: this.#settings.data,
      TOPOLOGY: JSON.stringify(topology),
      FUNCTIONS: process.env.FUNCTIONS || relays(mappings, programs),
      DYNAMODB_PORT: String(this.#port("dynamodb")),
      MESSAGING_PORT: String(this.#port("messaging")),
    });
    await this.#aws.start();
  }

  /** Where each service listens, as the variables of the others: `<NAME>_URL`. */
  get #serviceUrls(): Env {
    const names = Object.keys(this.#settings.shop.services);
    return Object.fromEntries(names.map((name) => [urlVariable(name), `http://127.0.0.1:${this.#port(name)}`]));
  }

  /** Where the parts for developers listen. A deployed service has none of these variables. */
  get #toolUrls(): Env {
    return {
      ...(this.faultsUrl !== undefined && { FAULTS_URL: this.faultsUrl }),
      ...(this.#settings.inspector && { INSPECTOR_URL: `http://127.0.0.1:${this.#port("admin")}` }),
    };
  }

  get #faultyShop(): FaultyShop {
    const { rush } = this.#settings.shop;
    const env = { ...inheritedEnvironment(), ...this.#serviceUrls };
    return { aws: this.#aws, services: this.serviceProcesses, rush: rush && { program: rush, root, env } };
  }

  async #service(name: string, { files, env }: ShopProgramFiles): Promise<SupervisedProcess[]> {
    const settings = this.#settings.services[name];
    const entry = files[name];
    if (settings === undefined || entry === undefined) throw new Error(`The shop has no service ${name}.`);
    const count = settings.env.length;
    const ports = [this.#port(name), ...(await freePorts(Math.max(0, count - 1)))];
    return settings.env.map((own, index) =>
      this.#process(count === 1 ? name : `${name}-${index + 1}`, entry, {
        ...env,
        ...this.#awsEnv,
        ...this.#serviceUrls,
        ...this.#toolUrls,
        PORT: String(ports[index]),
        ...(this.#settings.auth && { AUTH_JWKS_URL: this.#jwksUrl }),
        ...this.#settings.env,
        ...own,
      }),
    );
  }

  /** The services load the keys when they need them, so the issuer may start last. */
  get #jwksUrl(): string {
    const issuer = issuerOf(this.#settings.shop);
    if (issuer === undefined) throw new Error("No service of this shop issues tokens: give one of them signingKeys.");
    return `http://127.0.0.1:${this.#port(issuer.name)}${jwksPath}`;
  }

  async #openInspector(): Promise<void> {
    const { ports, report } = this.#settings;
    const port = this.#port("admin");
    const url = `http://127.0.0.1:${port}`;
    const isPromised = await isFree(port);
    if (isPromised) this.#inspector = url;
    const admin = this.#process("dynamodb-admin", inspectorEntry, {
      ...this.#awsEnv,
      HOST: "127.0.0.1",
      PORT: String(port),
    });
    this.#admin = admin;
    waitForFreePorts([{ name: "dynamodb-admin", port, setting: ports.admin.setting }])
      .then(() => (this.#closing === undefined ? admin.start() : undefined))
      .then((started) => started && !isPromised && report(`dynamodb-admin is at ${url}`))
      .catch((error: Error) => {
        if (this.#closing === undefined) report(`The shop is open without dynamodb-admin. ${error.message}`);
      });
  }

  #process(name: string, entry: string, env: Env): SupervisedProcess {
    const { restart, report, onLine, shopName } = this.#settings;
    return new SupervisedProcess(
      { name, entry, env: { ...inheritedEnvironment(), SHOP: shopName, ...env } },
      { restart, report, ...(onLine && { onLine: (line: string) => onLine(name, line) }) },
    );
  }
}

/** The caller's own DynamoDB, which the embedded AWS uses where there is no dynoxide. Nothing else of AWS gets through. */
function otherDynamo({ AWS_ENDPOINT_URL_DYNAMODB: own, AWS_ENDPOINT_URL: all }: NodeJS.ProcessEnv): Env {
  return { AWS_ENDPOINT_URL_DYNAMODB: own || all || "" };
}

/** FUNCTIONS of the embedded AWS: each of these mappings has the relay. */
function relays(mappings: readonly string[], { files, env }: ShopProgramFiles): string {
  return JSON.stringify(Object.fromEntries(mappings.map((mapping) => [mapping, { entry: files.relay, env }])));
}
