import { paginateScan } from "@aws-sdk/lib-dynamodb";
import { physicalName } from "@doubleshot/topology";
import { span } from "../amounts.ts";
import type { Shop } from "../shop.ts";
import { statusAt } from "./status-at.ts";

/** The readiness of the service at an address. */
export interface EndpointStatus {
  readonly service: string;
  readonly url: string;
  readonly ready: boolean;
  readonly detail: string;
}

/** A process that keeps a row with its heartbeat. */
export interface InstanceStatus {
  readonly service: string;
  readonly id: string;
  /** Its lease has not ended. A killed process counts as alive until then. */
  readonly alive: boolean;
  readonly detail: string;
}

/** Time limit of a readiness check. */
const timeoutMs = 1_000;

/** Requests `/readyz` of each service. The addresses are by service name. */
export function endpoints(addresses: Readonly<Record<string, string>>): Promise<EndpointStatus[]> {
  return Promise.all(Object.entries(addresses).map(([service, url]) => readiness(service, url)));
}

async function readiness(service: string, url: string): Promise<EndpointStatus> {
  try {
    const status = await statusAt(new URL("/readyz", url), AbortSignal.timeout(timeoutMs));
    return { service, url, ready: status === 200, detail: status === 200 ? "ready" : `not ready (${status})` };
  } catch {
    return { service, url, ready: false, detail: "no answer" };
  }
}

const suffix = "-instances";

/** The processes that keep a row with a heartbeat. */
export async function instances({ clients, topology, name }: Shop, now = Date.now()): Promise<InstanceStatus[]> {
  const found: InstanceStatus[] = [];
  for (const table of Object.keys(topology.tables).filter((each) => each.endsWith(suffix))) {
    const service = table.slice(0, -suffix.length);
    const pages = paginateScan({ client: clients.documents }, { TableName: physicalName(name, table) });
    for await (const { Items = [] } of pages) {
      for (const { id, startedAt, seenAt, expiresAt } of Items) {
        // A killed process counts as alive until its lease ends, so the detail has the age of the heartbeat.
        const seen = Math.max(0, now - Date.parse(String(seenAt)));
        const detail = [`since ${startedAt}`, ...(Number.isNaN(seen) ? [] : [`last seen ${span(seen)} ago`])].join(
          ", ",
        );
        found.push({ service, id: String(id), alive: Number(expiresAt) * 1_000 > now, detail });
      }
    }
  }
  return found;
}
