import { readTopology } from "@doubleshot/topology";
import type { FunctionSpec } from "./functions/function-spec.ts";
import type { LocalAwsOptions } from "./local-aws.ts";
import { reason } from "./log.ts";
import { StartRefusedError } from "./start-refused.ts";

type Settings = Required<Pick<LocalAwsOptions, "shop" | "data" | "ports" | "functions" | "expirySweepMs">> &
  Pick<LocalAwsOptions, "dynamodbEndpoint" | "topology">;

interface Installation {
  /** The module of the relay. */
  readonly relay: string;
  readonly hasDynoxide: () => boolean;
}

const ports: [number, number] = [0, 65_535];

/**
 * Reads the variables of the process:
 * - SHOP: prefix of all names (doubleshot)
 * - TOPOLOGY: the resources to make, as JSON or as the path of a JSON file; none without it
 * - DATA: a folder, or memory (the default)
 * - DYNAMODB_PORT, MESSAGING_PORT: 0, the default, is a free one
 * - EXPIRY_SWEEP_SECONDS: 60 by default
 * - FUNCTIONS: JSON of mapping name to `{"entry": "path of a module exporting handler", "env": {...}}`; by default every
 *   mapping runs the outbox relay
 * - AWS_ENDPOINT_URL_DYNAMODB or AWS_ENDPOINT_URL: the DynamoDB to use where there is no dynoxide
 *
 * @throws StartRefusedError or TopologyError with one sentence that names the variable
 */
export function readSettings(env: NodeJS.ProcessEnv, { relay, hasDynoxide }: Installation): Settings {
  const dynamodbEndpoint = hasDynoxide() ? undefined : endpoint(env);
  const topology = env.TOPOLOGY ? readTopology(env.TOPOLOGY) : undefined;
  const mappings = Object.keys(topology?.mappings ?? {});
  return {
    ...(topology !== undefined && { topology }),
    ...(dynamodbEndpoint !== undefined && { dynamodbEndpoint }),
    shop: shopName(env.SHOP || "doubleshot"),
    data: env.DATA || "memory",
    ports: {
      dynamodb: wholeNumber(env, "DYNAMODB_PORT", 0, ports),
      messaging: wholeNumber(env, "MESSAGING_PORT", 0, ports),
    },
    expirySweepMs: wholeNumber(env, "EXPIRY_SWEEP_SECONDS", 60, [1, 86_400]) * 1000,
    functions: env.FUNCTIONS
      ? parseFunctions(env.FUNCTIONS, mappings)
      : Object.fromEntries(mappings.map((name) => [name, { entry: relay }])),
  };
}

function endpoint(env: NodeJS.ProcessEnv): string | undefined {
  const name = env.AWS_ENDPOINT_URL_DYNAMODB ? "AWS_ENDPOINT_URL_DYNAMODB" : "AWS_ENDPOINT_URL";
  const text = env[name];
  if (!text) return undefined;
  if (/^https?:$/.test(URL.parse(text)?.protocol ?? "")) return text.replace(/\/$/, "");
  throw new StartRefusedError(`${name} is ${JSON.stringify(text)}: give a URL such as http://127.0.0.1:8000.`);
}

/** The same rule as that of the services: it begins the names of tables, topics, queues and buckets, each with limits of its own. */
function shopName(shop: string): string {
  if (/^[a-z0-9][a-z0-9-]{0,31}$/.test(shop)) return shop;
  throw new StartRefusedError(
    `SHOP is ${JSON.stringify(shop)}; it must be at most 32 lower-case letters, digits and hyphens, the first no hyphen.`,
  );
}

function wholeNumber(env: NodeJS.ProcessEnv, name: string, byDefault: number, [min, max]: [number, number]): number {
  const text = env[name];
  if (text === undefined || text === "") return byDefault;
  if (/^\d+$/.test(text) && Number(text) >= min && Number(text) <= max) return Number(text);
  throw new StartRefusedError(`${name} is ${JSON.stringify(text)}: give a whole number from ${min} to ${max}.`);
}

function parseFunctions(json: string, [mapping = "mapping"]: readonly string[]): Record<string, FunctionSpec> {
  const example = `{"${mapping}": {"entry": "lambdas/outbox/src/handler.ts"}}`;
  try {
    const functions: unknown = JSON.parse(json);
    if (!isObject(functions)) throw new Error("not an object");
    return Object.fromEntries(Object.entries(functions).map(([name, spec]) => [name, functionSpec(name, spec)]));
  } catch (error) {
    throw new StartRefusedError(`FUNCTIONS cannot be used (${reason(error)}): give JSON such as ${example}.`);
  }
}

function functionSpec(name: string, spec: unknown): FunctionSpec {
  if (!isObject(spec) || typeof spec.entry !== "string") throw new Error(`${name} has no entry`);
  const { entry, env = {} } = spec;
  if (!isObject(env)) throw new Error(`env of ${name} is not an object`);
  const notText = Object.entries(env).find(([, value]) => typeof value !== "string");
  if (notText !== undefined) throw new Error(`${notText[0]} in env of ${name} is not a string`);
  return { entry, env: Object.fromEntries(Object.entries(env).map(([key, value]) => [key, String(value)])) };
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
