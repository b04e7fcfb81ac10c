import { collectDefaultMetrics, Registry } from "prom-client";

export type { Registry };

/**
 * A registry for `createApp({ metrics })` to show, with what there is to know of any Node process: processor time,
 * memory, handles, garbage collection, and by how much its event loop is late. Make one for each process: what collects
 * these runs until it ends.
 */
export function processMetrics(): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  return registry;
}
