import { createConnection } from "node:net";
import { type AwsClients, createAwsClients, doubleshot } from "@doubleshot/topology";
import { OperatorError } from "./operator-error.ts";
import { type Shop, shopOf } from "./shop.ts";

export interface ConnectOptions {
  readonly env?: NodeJS.ProcessEnv;
  /** Told in one line when a shop is used that nobody named. */
  readonly say?: (line: string) => void;
}

export interface Connection {
  readonly shop: Shop;
  /** Addresses of services to ask whether they are ready, by name. */
  readonly services: Readonly<Record<string, string>>;
}

/** Any of these says where AWS is, and no guess is made. */
const awsSettings =
  /^AWS_(ENDPOINT_URL.*|REGION|DEFAULT_REGION|PROFILE|ACCESS_KEY_ID|ROLE_ARN|CONTAINER_CREDENTIALS_.*)$/;

/**
 * Finds the shop: by the AWS settings of the environment, as every service does, or, when there are none, the one that
 * `npm start` has opened on this machine. Throws OperatorError when neither is there.
 */
export async function connect({ env = process.env, say = () => undefined }: ConnectOptions = {}): Promise<Connection> {
  const name = env.SHOP || "doubleshot";
  if (!/^[a-z0-9][a-z0-9-]{0,31}$/.test(name)) {
    throw new OperatorError(
      `SHOP is ${JSON.stringify(name)}: give at most 32 lower-case letters, digits and hyphens, the first no hyphen.`,
    );
  }
  const named = Object.entries(env).some(([key, value]) => awsSettings.test(key) && value);
  if (named) return { shop: shopOf(doubleshot, name, createAwsClients()), services: servicesOf(env, {}) };
  const { clients, where } = await localShop(env);
  say(`Using the shop on this machine (${where}): no AWS settings are in the environment.`);
  const local = { orders: port(env, "ORDERS_PORT", "9702"), barista: port(env, "BARISTA_PORT", "9703") };
  return { shop: shopOf(doubleshot, name, clients), services: servicesOf(env, local) };
}

async function localShop(env: NodeJS.ProcessEnv): Promise<{ clients: AwsClients; where: string }> {
  const [dynamodb, messaging] = [port(env, "DYNAMODB_PORT", "9710"), port(env, "MESSAGING_PORT", "9711")];
  const answers = await Promise.all([answersOn(Number(dynamodb)), answersOn(Number(messaging))]);
  if (!answers.every(Boolean)) {
    throw new OperatorError(
      `No shop is open on this machine (nothing answers on ports ${dynamodb} and ${messaging}) and no AWS settings are in the environment: open one with npm start, or set AWS_REGION and credentials, or AWS_ENDPOINT_URL.`,
    );
  }
  const url = (at: string) => `http://127.0.0.1:${at}`;
  const endpoints = { dynamodb: url(dynamodb), sns: url(messaging), sqs: url(messaging) };
  return { clients: createAwsClients({ endpoints }), where: `ports ${dynamodb} and ${messaging}` };
}

/** The same variables move the ports of `npm start`. */
function port(env: NodeJS.ProcessEnv, variable: string, usual: string): string {
  const text = env[variable] || usual;
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return text;
  throw new OperatorError(`${variable} is ${JSON.stringify(text)}: give the port that the shop was opened with.`);
}

function answersOn(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ host: "127.0.0.1", port, timeout: 1_000 });
    const answer = (answers: boolean) => {
      socket.destroy();
      resolve(answers);
    };
    socket.once("connect", () => answer(true));
    socket.once("error", () => answer(false));
    socket.once("timeout", () => answer(false));
  });
}

function servicesOf(env: NodeJS.ProcessEnv, localPorts: Readonly<Record<string, string>>): Record<string, string> {
  const urls = Object.entries(localPorts).map(([name, port]) => [name, `http://127.0.0.1:${port}`] as const);
  const named = { orders: env.ORDERS_URL, barista: env.BARISTA_URL };
  const given = Object.entries(named).flatMap(([name, url]) => (url ? [[name, url] as const] : []));
  return Object.fromEntries([...urls, ...given]);
}
