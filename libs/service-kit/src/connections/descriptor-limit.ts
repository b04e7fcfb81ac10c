import { readFileSync } from "node:fs";

/** Used where no limit can be read: the smallest default of common systems. */
const usualLimit = 1_024;

/**
 * Returns how many files and sockets this process may have open; Infinity when there is no limit. Node raises the soft
 * limit to the hard one when it starts, so the result differs from the shell's `ulimit -Sn`.
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

/** For systems without /proc, such as macOS. Windows reports no limit. */
function fromReport(): unknown {
  const report = process.report.getReport() as { userLimits?: { open_files?: { soft?: unknown } } };
  return report.userLimits?.open_files?.soft;
}

export interface ConnectionBounds {
  /** Connections that are served as usual. */
  readonly max: number;
  /** Further connections, on which only probes are served. */
  readonly maxForProbes: number;
}

/**
 * Returns how many of `limit` descriptors may be connections. Some stay free for the process itself (files, and up to 50
 * connections for each AWS client), and some are for probes. A connection takes `descriptorsEach`, and a probe takes one.
 */
export function connectionBounds(limit: number, descriptorsEach = 1): ConnectionBounds {
  if (limit === Number.POSITIVE_INFINITY) return { max: limit, maxForProbes: 0 };
  const own = Math.min(Math.max(128, Math.floor(limit / 4)), Math.floor(limit / 2), 1_024);
  const maxForProbes = Math.min(64, Math.floor((limit - own) / 4));
  return { max: Math.floor((limit - own - maxForProbes) / descriptorsEach), maxForProbes };
}
