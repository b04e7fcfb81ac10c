import { freePorts, portsToBeFree } from "./ports.ts";
import type { ShopSettings } from "./shop-settings.ts";

/**
 * Returns the ports of the shop by name, with a free one for each 0. Waits for the named ports to be free; dynamodb-admin
 * alone waits for its port when the shop is open.
 *
 * @throws PortTaken when a named port stays taken
 */
export async function choosePorts(
  settings: Pick<ShopSettings, "services" | "ports">,
): Promise<ReadonlyMap<string, number>> {
  const services = Object.entries(settings.services).map(([name, { port }]) => ({ name, ...port }));
  const others = Object.entries(settings.ports).map(([name, port]) => ({ name, ...port }));
  const all = [...services, ...others];
  await portsToBeFree(all.filter(({ name, port }) => port !== 0 && name !== "admin"));
  const free = await freePorts(all.filter(({ port }) => port === 0).length);
  return new Map(all.map(({ name, port }) => [name, port === 0 ? (free.pop() ?? 0) : port]));
}
