import { paginateScan } from "@aws-sdk/lib-dynamodb";
import { physicalName } from "@doubleshot/topology";
import { span } from "../output/amounts.ts";
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
      for (const { id, startedAt, seenAt, expiresAt } of Items) {
        // One that was killed counts as alive until its lease ends: when it was last seen tells.
        const seen = Math.max(0, now - Date.parse(String(seenAt)));
        const detail = [`since ${startedAt}`, ...(Number.isNaN(seen) ? [] : [`last seen ${span(seen)} ago`])].join(
          ", ",
        );
        found.push({ service, process: String(id), alive: Number(expiresAt) * 1_000 > now, detail });
      }
    }
  }
  return found;
}
