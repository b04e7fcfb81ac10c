export { freeStartPorts, type StartPorts } from "./choose-ports.ts";
export { type OpenShop, type OpenShopOptions, openShop, type ServiceOptions, type ShopProcess } from "./open-shop.ts";
export { openShopServices } from "./open-shop-file.ts";
export { freePorts, PortTakenError } from "./ports.ts";
export type { Env } from "./processes/child-environment.ts";
export { StartFailedError } from "./processes/child-life.ts";
