import { coffeeShop, portVariable, type ShopDefinition } from "@doubleshot/shop";
import { freePorts, waitForFreePorts } from "./ports.ts";
import { otherPorts, type ShopSettings } from "./shop-settings.ts";

/**
 * Returns the ports of the shop by name, with a free one for each 0. Waits for the named ports to be free; dynamodb-admin
 * alone waits for its port when the shop is open.
 *
 * @throws PortTakenError when a named port stays taken
 */
export async function choosePorts(
  settings: Pick<ShopSettings, "services" | "ports">,
): Promise<ReadonlyMap<string, number>> {
  const services = Object.entries(settings.services).map(([name, { port }]) => ({ name, ...port }));
  const others = Object.entries(settings.ports).map(([name, port]) => ({ name, ...port }));
  const all = [...services, ...others];
  await waitForFreePorts(all.filter(({ name, port }) => port !== 0 && name !== "admin"));
  const free = await freePorts(all.filter(({ port }) => port === 0).length);
  return new Map(all.map(({ name, port }) => [name, port === 0 ? (free.pop() ?? 0) : port]));
}

export interface StartPorts {
  /** By the names of services and of the other processes, such as `dynamodb`. */
  readonly ports: Readonly<Record<string, number>>;
  /** The same as variables, such as `DYNAMODB_PORT`. */
  readonly env: Readonly<Record<string, string>>;
}

/** Returns free ports for a shop that `npm start` opens. */
export async function freeStartPorts(shop: ShopDefinition = coffeeShop): Promise<StartPorts> {
  const names = [...Object.keys(shop.services), ...otherPorts];
  const free = await freePorts(names.length);
  const ports = names.map((name, index) => [name, free[index] ?? 0] as const);
  return {
    ports: Object.fromEntries(ports),
    env: Object.fromEntries(ports.map(([name, port]) => [portVariable(name), String(port)])),
  };
}
