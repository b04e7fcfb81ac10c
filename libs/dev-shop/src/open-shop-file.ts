import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isFree } from "./ports.ts";
import type { Supervisor } from "./supervisor.ts";

const fileIn = (folder: string) => join(folder, "open-shop.json");

/**
 * Writes a file to the data folder with the addresses of all processes. The `doubleshot` command and the rush read it. A
 * reader finds a whole file or none.
 */
export function writeOpenShop(folder: string, shop: string, supervisor: Supervisor): void {
  const { endpoints, serviceProcesses } = supervisor;
  const services = Object.fromEntries(serviceProcesses.map(({ name, url }) => [name, url]));
  const unfinished = `${fileIn(folder)}.${process.pid}`;
  writeFileSync(unfinished, `${JSON.stringify({ pid: process.pid, shop, endpoints, services }, undefined, 2)}\n`);
  renameSync(unfinished, fileIn(folder));
}

/**
 * Removes the file if this process wrote it. The file of another open shop stays. A reader ignores the file of a killed
 * supervisor, because its process is gone.
 */
export function removeOpenShop(folder: string): void {
  if (writer(folder) === process.pid) rmSync(fileIn(folder), { force: true });
}

/**
 * Returns the process and a URL of the shop that is open in the data folder. The file alone does not count, because a killed
 * shop leaves it behind.
 */
export async function openAlready(folder: string): Promise<{ pid: number; url: string } | undefined> {
  const { pid, services = {} } = readOpenShop(folder);
  const [url] = Object.values(services);
  if (pid === undefined || url === undefined || !isAlive(pid)) return undefined;
  return (await isFree(Number(new URL(url).port))) ? undefined : { pid, url };
}

/**
 * Returns the URLs of the shop that is open in the data folder, by service and then by process. Undefined when no shop is
 * open there.
 */
export function openShopServices(folder: string): Readonly<Record<string, readonly string[]>> | undefined {
  const { pid, services = {} } = readOpenShop(folder);
  if (pid === undefined || !isAlive(pid)) return undefined;
  // Several processes of a service are named service-1, service-2 and so on.
  const byService = Map.groupBy(Object.entries(services), ([process]) => process.replace(/-\d+$/, ""));
  return Object.fromEntries([...byService].map(([service, found]) => [service, found.map(([, url]) => url)]));
}

function writer(folder: string): number | undefined {
  return readOpenShop(folder).pid;
}

/** A file that is damaged, or that something else has written, counts as none. */
function readOpenShop(folder: string): { pid?: number; services?: Record<string, string> } {
  try {
    const { pid, services = {} } = JSON.parse(readFileSync(fileIn(folder), "utf8"));
    return Object.values(services).every((url) => URL.canParse(String(url))) ? { pid, services } : {};
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
