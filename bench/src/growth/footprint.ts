import { readFileSync } from "node:fs";
import { lstat, readdir } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { descendants } from "./process-tree.ts";

/** Values by the process names of `nameOf`. */
export type ByProcess = Readonly<Record<string, number>>;

/** Linux's unit of processor time, on every architecture: https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html */
const ticksPerSecond = 100;

const names: readonly (readonly [RegExp, string])[] = [
  [/\/orders(\.mjs|\/src\/main\.ts)/, "orders"],
  [/\/barista(\.mjs|\/src\/main\.ts)/, "barista"],
  [/\/customers(\.mjs|\/src\/main\.ts)/, "customers"],
  [/\/web(\.mjs|\/src\/main\.ts)/, "web"],
  [/local-aws\/src\/main\.ts/, "aws"],
  [/functions\/child-main\.ts/, "relays"],
  [/dev-shop\/src\/inspector\.ts/, "dynamodb-admin"],
  [/dev-shop\/src\/main\.ts/, "npm start"],
  [/^npm /, "npm start"],
  [/dynoxide/, "dynoxide"],
];

const nameOf = (command: string): string => names.find(([pattern]) => pattern.test(command))?.[1] ?? "others";

/** Percent of a core that each process below this one took within so many milliseconds. */
export async function cpuPercent(pid: number, milliseconds: number, signal: AbortSignal): Promise<ByProcess> {
  const startedAt = performance.now();
  const before = new Map(descendants(pid).map((process) => [process.pid, ticks(process.pid)]));
  await sleep(milliseconds, undefined, { signal });
  const seconds = (performance.now() - startedAt) / 1_000;
  return sums(pid, (each) => ((ticks(each) - (before.get(each) ?? 0)) / ticksPerSecond / seconds) * 100);
}

/** Milliseconds of processor time that each process below this one has taken since it began. */
export const cpuTime = (pid: number): ByProcess => sums(pid, (each) => (ticks(each) / ticksPerSecond) * 1_000);

/** Resident bytes of each process below this one. */
export function resident(pid: number): ByProcess {
  return sums(pid, (each) => {
    const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${each}/status`, "utf8"))?.[1];
    return Number(kilobytes ?? 0) * 1_024;
  });
}

/** Bytes that the folder takes on the disk. */
export async function diskUsage(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  const sizes = await Promise.all(files.map(({ parentPath, name }) => lstat(join(parentPath, name))));
  return sizes.reduce((sum, { blocks }) => sum + blocks * 512, 0);
}

export const total = (values: ByProcess): number => Object.values(values).reduce((sum, value) => sum + value, 0);

function sums(pid: number, measure: (pid: number) => number): ByProcess {
  const found: Record<string, number> = {};
  for (const each of descendants(pid)) {
    const name = nameOf(each.command);
    found[name] = (found[name] ?? 0) + measure(each.pid);
  }
  return found;
}

/** Processor time of the process in user and system mode. */
function ticks(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  // The fields are counted after the name, which is in parentheses and may hold blanks. The first is the manual's third.
  const [user, system] = stat
    .slice(stat.lastIndexOf(")") + 2)
    .split(" ")
    .slice(11, 13);
  return Number(user) + Number(system);
}
