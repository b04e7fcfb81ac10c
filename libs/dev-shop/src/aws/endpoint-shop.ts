import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import type { ShopDefinition } from "@doubleshot/shop";
import { createAwsClients, provision } from "@doubleshot/topology";
import { createLambdaClient, deployRelays } from "@doubleshot/topology/functions";
import type { OtherAws } from "../shop-settings.ts";

interface EndpointShop {
  /** The shop's name on the endpoint: the prefix of all its resources. */
  readonly shopName: string;
  readonly aws: OtherAws;
}

/**
 * Makes a shop's resources on the endpoint that the AWS settings of the environment name, and deploys its relays there. Returns
 * undefined without ENDPOINT_SHOPS (prefix of the shops' names) or RELAY_BUNDLE (path of the relay's bundle).
 */
export async function makeEndpointShop(shop: ShopDefinition, env = process.env): Promise<EndpointShop | undefined> {
  const { ENDPOINT_SHOPS: namePrefix, RELAY_BUNDLE: bundle } = env;
  if (!namePrefix || !bundle) return undefined;
  const shopName = `${namePrefix}-${randomBytes(3).toString("hex")}`;
  const clients = createAwsClients({ requestTimeoutMs: 30_000 });
  const lambda = createLambdaClient();
  try {
    const target = { topology: shop.topology, shop: shopName, clients };
    await provision(target);
    await deployRelays({ ...target, lambda, modules: { "handler.mjs": await readFile(bundle) } });
  } finally {
    lambda.destroy();
    clients.destroy();
  }
  return { shopName, aws: { endpoints: endpointsOf(env), env: awsSettings(env) } };
}

function endpointsOf(env: NodeJS.ProcessEnv) {
  const of = (service: string) => env[`AWS_ENDPOINT_URL_${service}`] || env.AWS_ENDPOINT_URL || "";
  return { dynamodb: of("DYNAMODB"), sns: of("SNS"), sqs: of("SQS"), s3: of("S3") };
}

function awsSettings(env: NodeJS.ProcessEnv): Record<string, string> {
  const settings = Object.entries(env).filter(([name, value]) => name.startsWith("AWS_") && value);
  return Object.fromEntries(settings.map(([name, value]) => [name, String(value)]));
}
