import { readFileSync } from "node:fs";

/** Where no limit can be read, the smallest that systems set by default. */
const usualLimit = 1_024;

/**
 * How many files and sockets this process may have open. Node raises the soft limit to the hard one as it starts, so
 * this is not what the shell's `ulimit -Sn` said. Infinity when there is no limit.
 */
export function descriptorLimit(): number {
  const soft = fromProc() ?? fromReport();
  if (soft === "unlimited") return Number.POSITIVE_INFINITY;
  const limit = Number(soft);
  return Number.isInteger(limit) && limit > 0 ? limit : usualLimit;
}

/** @see https://man7.org/linux/man-pages/man5/proc_pid_limits.5.html */
function fromProc(): string | undefined {
  try {
    const line = readFileSync("/proc/self/limits", "utf8")
      .split("\n")
      .find((each) => each.startsWith("Max open files"));
    return line?.slice("Max open files".length).trim().split(" ", 1)[0];
  } catch {
    return undefined;
  }
}

/** macOS and others have no /proc; Windows has no limit to report. */
function fromReport(): unknown {
  const report = process.report.getReport() as { userLimits?: { open_files?: { soft?: unknown } } };
  return report.userLimits?.open_files?.soft;
}

export interface ConnectionBounds {
  /** Connections that are served as usual. */
  readonly max: number;
  /** Connections beyond these, on which probes alone are served. */
  readonly maxForProbes: number;
}

/**
 * How many connections to take, of so many descriptors: some stay free for what the process itself opens (its AWS clients have up to
 * 50 connections each, and files), and some for probes.
 */
export function connectionBounds(limit: number): ConnectionBounds {
  if (limit === Number.POSITIVE_INFINITY) return { max: limit, maxForProbes: 0 };
  const own = Math.min(Math.max(128, Math.floor(limit / 4)), Math.floor(limit / 2), 1_024);
  const maxForProbes = Math.min(64, Math.floor((limit - own) / 4));
  return { max: limit - own - maxForProbes, maxForProbes };
}
