import { paginateScan } from "@aws-sdk/lib-dynamodb";
import { physicalName } from "@doubleshot/topology";
import type { Shop } from "../shop.ts";

export interface ProcessStatus {
  readonly service: string;
  /** Instance id, or the address that was asked. */
  readonly process: string;
  readonly alive: boolean;
  readonly detail: string;
}

/** Milliseconds that a service has to say whether it is ready. */
const patience = 1_000;

/**
 * The processes that are known: those that keep a row with a heartbeat, and those at the addresses given, which are asked
 * for `/readyz`.
 */
export async function processes(
  shop: Shop,
  addresses: Readonly<Record<string, string>>,
  now = Date.now(),
): Promise<ProcessStatus[]> {
  const asked = Object.entries(addresses).map(([service, url]) => ask(service, url));
  return [...(await Promise.all(asked)), ...(await instances(shop, now))];
}

async function ask(service: string, url: string): Promise<ProcessStatus> {
  try {
    const { ok, status } = await fetch(new URL("/readyz", url), { signal: AbortSignal.timeout(patience) });
    return { service, process: url, alive: ok, detail: ok ? "ready" : `not ready (${status})` };
  } catch {
    return { service, process: url, alive: false, detail: "no answer" };
  }
}

const suffix = "-instances";

async function instances({ clients, topology, name }: Shop, now: number): Promise<ProcessStatus[]> {
  const found: ProcessStatus[] = [];
  for (const table of Object.keys(topology.tables).filter((each) => each.endsWith(suffix))) {
    const service = table.slice(0, -suffix.length);
    const pages = paginateScan({ client: clients.documents }, { TableName: physicalName(name, table) });
    for await (const { Items = [] } of pages) {
      for (const { id, startedAt, expiresAt } of Items) {
        const left = Number(expiresAt) - now / 1000;
        const detail = left > 0 ? `since ${startedAt}` : `no sign of life, lapsed ${Math.ceil(-left)} s ago`;
        found.push({ service, process: String(id), alive: left > 0, detail });
      }
    }
  }
  return found;
}
