export type { Env } from "./child-environment.ts";
export { StartFailed } from "./child-life.ts";
export { openShop, type Shop, type ShopOptions, type ShopProcess } from "./open-shop.ts";
export { openShopServices } from "./open-shop-file.ts";
export { freePorts, PortTaken } from "./ports.ts";
