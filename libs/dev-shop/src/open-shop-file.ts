import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isFree } from "./ports.ts";
import type { Supervisor } from "./supervisor.ts";

const fileIn = (folder: string) => join(folder, "open-shop.json");

/**
 * Leaves in the data folder where everything listens, for commands that look for an open shop: the `doubleshot` command
 * reads it. Whoever reads it meanwhile finds all of it or nothing.
 */
export function writeOpenShop(folder: string, shop: string, { endpoints, orders, barista }: Supervisor): void {
  const services = Object.fromEntries([...orders, ...barista].map(({ name, url }) => [name, url]));
  const unfinished = `${fileIn(folder)}.${process.pid}`;
  writeFileSync(unfinished, `${JSON.stringify({ pid: process.pid, shop, endpoints, services }, undefined, 2)}\n`);
  renameSync(unfinished, fileIn(folder));
}

/**
 * Removes what this process left there, and nobody else's: one that gives up because another shop is open here must not
 * hide that one. What a supervisor that was killed leaves behind, a reader knows by its process being gone.
 */
export function removeOpenShop(folder: string): void {
  if (writer(folder) === process.pid) rmSync(fileIn(folder), { force: true });
}

/** The shop that is open in the data folder: its process, and a service of it. Its word alone may be of a killed one. */
export async function openAlready(folder: string): Promise<{ pid: number; url: string } | undefined> {
  const { pid, services = {} } = readOpenShop(folder);
  const [url] = Object.values(services);
  if (pid === undefined || url === undefined || !isAlive(pid)) return undefined;
  return (await isFree(Number(new URL(url).port))) ? undefined : { pid, url };
}

/** Addresses of the services of the shop that is open in the data folder; undefined when none is. */
export function openShopServices(folder: string): { orders: string[]; barista: string[] } | undefined {
  const { pid, services = {} } = readOpenShop(folder);
  if (pid === undefined || !isAlive(pid)) return undefined;
  const of = (service: string) =>
    Object.entries(services).flatMap(([name, url]) => (name.startsWith(service) ? [url] : []));
  return { orders: of("orders"), barista: of("barista") };
}

function writer(folder: string): number | undefined {
  return readOpenShop(folder).pid;
}

function readOpenShop(folder: string): { pid?: number; services?: Record<string, string> } {
  try {
    return JSON.parse(readFileSync(fileIn(folder), "utf8"));
  } catch {
    return {};
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
