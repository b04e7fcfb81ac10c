import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
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

function writer(folder: string): number | undefined {
  try {
    return JSON.parse(readFileSync(fileIn(folder), "utf8")).pid;
  } catch {
    return undefined;
  }
}
