import { createConnection } from "node:net";
import { resolve } from "node:path";
import { OperatorError, type Shop, shopOf } from "@doubleshot/operations";
import { coffeeShop, portVariable, urlVariable } from "@doubleshot/shop";
import { createAwsClients, readTopology, type Topology } from "@doubleshot/topology";
import { type OpenShopFile, readOpenShop, usualFolder } from "./open-shop.ts";

export interface ConnectOptions {
  readonly env?: NodeJS.ProcessEnv;
  /** Called with one line that names the shop, when it is one on this machine. */
  readonly report?: (line: string) => void;
  /** Fires to end every call to AWS. */
  readonly signal?: AbortSignal;
  /** Data folder of the shop to use. It wins over AWS settings. DATA, unless it is empty, has the same effect. */
  readonly data?: string;
}

export interface Connection {
  readonly shop: Shop;
  /** Addresses of the services whose readiness is checked, by name. */
  readonly services: Readonly<Record<string, string>>;
}

/** With any of these settings, the SDK alone decides where AWS is. */
const awsSettings =
  /^AWS_(ENDPOINT_URL.*|REGION|DEFAULT_REGION|PROFILE|ACCESS_KEY_ID|ROLE_ARN|CONTAINER_CREDENTIALS_.*)$/;

/**
 * Finds the shop, or the system that TOPOLOGY describes. The first of these counts:
 * 1. the data folder that is named
 * 2. the AWS settings of the environment, as every service reads them
 * 3. the shop that `npm start` has opened on this machine
 *
 * @throws OperatorError when nothing is found
 */
export async function connect(options: ConnectOptions = {}): Promise<Connection> {
  const { env = process.env, report = () => undefined, signal, data } = options;
  const topology = env.TOPOLOGY ? readTopology(env.TOPOLOGY) : coffeeShop.topology;
  // The names in another system's topology are complete, unless SHOP gives a prefix.
  const name = shopName(env.SHOP || (env.TOPOLOGY ? "" : coffeeShop.name));
  const given = givenUrls(env, topology);
  const folder = data ?? env.DATA;
  const hasAwsSettings = Object.entries(env).some(([key, value]) => awsSettings.test(key) && value);
  if (hasAwsSettings && !folder) {
    return { shop: shopOf(topology, name, createAwsClients({ signal })), services: given };
  }
  const setting = data === undefined ? "DATA" : "--data";
  const local = folder ? await shopIn(resolve(folder), setting) : await localShop(env, topology);
  report(`Using the shop on this machine (${local.where})${folder ? "" : ": no AWS settings are in the environment"}.`);
  const clients = createAwsClients({ endpoints: local.endpoints, signal });
  const prefix = env.SHOP || env.TOPOLOGY ? name : local.shop;
  return { shop: shopOf(topology, prefix, clients), services: { ...local.services, ...given } };
}

function shopName(name: string): string {
  if (name === "" || /^[a-z0-9][a-z0-9-]{0,31}$/.test(name)) return name;
  throw new OperatorError(
    `SHOP is ${JSON.stringify(name)}: give at most 32 lower-case letters, digits and hyphens, the first no hyphen.`,
  );
}

type LocalShop = Omit<OpenShopFile, "pid"> & { readonly where: string };

/** Throws if no shop is open in the named folder: a shop at the default ports would be another one. */
async function shopIn(folder: string, setting: "DATA" | "--data"): Promise<LocalShop> {
  const open = await openShopIn(folder);
  if (open) return open;
  throw new OperatorError(`No shop is open in ${folder}: open it with npm start -- --data, or correct ${setting}.`);
}

async function openShopIn(folder: string): Promise<LocalShop | undefined> {
  const open = readOpenShop(folder);
  if (!open || !(await answer(Object.values(open.endpoints)))) return undefined;
  return { ...open, where: `${folder}, process ${open.pid}` };
}

/** Looks at the ports that the environment names, then in the data folder of this checkout, then at the default ports. */
async function localShop(env: NodeJS.ProcessEnv, { services = {} }: Topology): Promise<LocalShop> {
  const open = env.DYNAMODB_PORT || env.MESSAGING_PORT ? undefined : await openShopIn(usualFolder);
  if (open) return open;
  const [dynamodb, messaging] = [port(env, "DYNAMODB_PORT", 9710), port(env, "MESSAGING_PORT", 9711)];
  const endpoints = { dynamodb: local(dynamodb), sns: local(messaging), sqs: local(messaging) };
  if (!(await answer(Object.values(endpoints)))) {
    throw new OperatorError(
      `No shop is open on this machine (nothing answers on ports ${dynamodb} and ${messaging}, and ${usualFolder} names none) and no AWS settings are in the environment: open one with npm start, set DATA to the data folder of an open one, or set AWS_REGION and credentials, or AWS_ENDPOINT_URL.`,
    );
  }
  const urls = Object.entries(services).map(([name, spec]) => [name, local(port(env, portVariable(name), spec.port))]);
  return {
    shop: coffeeShop.name,
    endpoints,
    services: Object.fromEntries(urls),
    where: `ports ${dynamodb} and ${messaging}`,
  };
}

const local = (port: string) => `http://127.0.0.1:${port}`;

/** The same variables move the ports of `npm start`. */
function port(env: NodeJS.ProcessEnv, variable: string, fallback: number): string {
  const text = env[variable] || String(fallback);
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return text;
  throw new OperatorError(`${variable} is ${JSON.stringify(text)}: give the port that the shop was opened with.`);
}

/** Returns whether a program listens at each of the addresses. */
async function answer(urls: readonly string[]): Promise<boolean> {
  const answers = await Promise.all([...new Set(urls)].map((url) => answersAt(new URL(url))));
  return answers.every(Boolean);
}

function answersAt({ hostname, port }: URL): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ host: hostname, port: Number(port), timeout: 1_000 });
    const answer = (answers: boolean) => {
      socket.destroy();
      resolve(answers);
    };
    socket.once("connect", () => answer(true));
    socket.once("error", () => answer(false));
    socket.once("timeout", () => answer(false));
  });
}

/** URLs of services, from the environment. */
function givenUrls(env: NodeJS.ProcessEnv, { services = {} }: Topology): Record<string, string> {
  const urls = Object.keys(services).map((name) => [name, env[urlVariable(name)]] as const);
  return Object.fromEntries(urls.flatMap(([name, url]) => (url ? [[name, url]] : [])));
}
