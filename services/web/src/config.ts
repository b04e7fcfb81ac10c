import { coffeeShop, urlVariable } from "@doubleshot/shop";
import { z } from "zod";

/** The services that requests are passed on to: all others of the shop that callers reach. */
export const proxied = Object.values(coffeeShop.services).filter(
  ({ name, paths }) => name !== "web" && paths.length > 0,
);

const urlOf = (port: number) =>
  z
    .url({ protocol: /^http$/ })
    .default(`http://127.0.0.1:${port}`)
    .describe("the URL of the service: http, a host and a port");

/** `ORDERS_URL` and the like: where each service listens. */
const serviceUrls = Object.fromEntries(proxied.map(({ name, port }) => [urlVariable(name), urlOf(port)]));

/** A port of this machine: the tools of a developer take no token. */
const toolUrl = z
  .url({ protocol: /^http$/, hostname: /^127\.0\.0\.1$/ })
  .exactOptional()
  .describe("an http URL of 127.0.0.1, set by npm start alone");

export const webConfig = {
  ...serviceUrls,
  /** The fault API. Without it, the engine room has no faults. */
  FAULTS_URL: toolUrl,
  /** dynamodb-admin. */
  INSPECTOR_URL: toolUrl,
};

/** Where the service of this name listens, by the configuration. */
export function urlIn(config: object, service: string): URL {
  return new URL(String(Object(config)[urlVariable(service)]));
}
