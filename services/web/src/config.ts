import { shop, urlVariable } from "@doubleshot/shop";
import { z } from "zod";

/** The services that requests are passed on to: all others of the shop that callers reach. */
export const proxied = Object.values(shop.services).filter(({ name, paths }) => name !== "web" && paths.length > 0);

const urlOf = (port: number) =>
  z
    .url({ protocol: /^http$/ })
    .default(`http://127.0.0.1:${port}`)
    .describe("the URL of the service: http, a host and a port");

/** `ORDERS_URL` and the like: where each service listens. */
export const webConfig = Object.fromEntries(proxied.map(({ name, port }) => [urlVariable(name), urlOf(port)]));
