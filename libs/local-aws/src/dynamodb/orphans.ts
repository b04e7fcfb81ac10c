import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

/** Arguments that only a dynoxide of this shop can have on its command line. */
export interface OfThisShop {
  /** An address that belongs to this shop alone. */
  readonly host?: string | undefined;
  /** The file of the tables, as an absolute path. */
  readonly file?: string | undefined;
}

const patienceMs = 2_000;

/**
 * Kills each dynoxide that an earlier host of this shop has left behind, and waits until it is gone. One stays behind
 * when its guard was killed first and then the host: it keeps the address and the file.
 *
 * Call it while holding the shop's port and its data folder: then no other host uses that address or file, and a
 * dynoxide that has them on its command line has no host any more. A process of any other kind is left alone.
 */
export async function endOrphans(shop: OfThisShop): Promise<void> {
  const deadline = Date.now() + patienceMs;
  for (;;) {
    const orphans = commandLines().filter(({ command }) => isOf(shop, command));
    if (orphans.length === 0 || Date.now() > deadline) return;
    for (const { pid } of orphans) kill(pid);
    await sleep(20);
  }
}

/** The guard's command line has the same end, and begins with the shell. */
function isOf({ host, file }: OfThisShop, command: string): boolean {
  const [, address, path] = /^(?!sh -c ).* --host (\S+) --port \d+(?: --db-path (.+))?$/.exec(command) ?? [];
  return (host !== undefined && address === host) || (file !== undefined && path === file);
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It has ended by itself, or belongs to another user: then its port is taken, and the start is refused.
  }
}

interface CommandLine {
  readonly pid: number;
  /** Program and arguments, separated by blanks; empty for a process that has ended and waits to be reaped. */
  readonly command: string;
}

/** Every process of this machine, from /proc, or from `ps` where there is none. */
function commandLines(): CommandLine[] {
  try {
    return process.platform === "linux" ? fromProc() : fromPs();
  } catch {
    return [];
  }
}

function fromProc(): CommandLine[] {
  return readdirSync("/proc").flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    try {
      const words = readFileSync(`/proc/${name}/cmdline`, "utf8").split("\0");
      return [{ pid: Number(name), command: words.join(" ").trimEnd() }];
    } catch {
      // It ended meanwhile.
      return [];
    }
  });
}

function fromPs(): CommandLine[] {
  const lines = execFileSync("ps", ["-axww", "-o", "pid=,command="], { encoding: "utf8" }).split("\n");
  return lines.flatMap((line) => {
    const [, pid, command = ""] = /^\s*(\d+) (.*)$/.exec(line) ?? [];
    return pid === undefined ? [] : [{ pid: Number(pid), command }];
  });
}
