export { type OpenShop, type OpenShopOptions, openShop, type ServiceOptions, type ShopProcess } from "./open-shop.ts";
export { openShopServices } from "./open-shop-file.ts";
export { freePorts, PortTaken } from "./ports.ts";
export type { Env } from "./processes/child-environment.ts";
export { StartFailed } from "./processes/child-life.ts";
