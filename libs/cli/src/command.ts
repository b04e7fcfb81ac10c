import type { Connection } from "./connect.ts";
import type { Terminal } from "./output/terminal.ts";

/** Fine; failed; typed wrong; an audit has found what was not delivered. */
export const exitCodes = { fine: 0, failed: 1, usage: 2, undelivered: 3 } as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

export interface Command {
  readonly summary: string;
  /** What `--help` shows. */
  readonly help: string;
  /** Reads the arguments and gives back what is to be done; nothing is connected to before they are known to be good. */
  prepare(args: readonly string[]): Prepared;
}

type Prepared = "help" | ((run: Run) => Promise<ExitCode>);

export interface Run extends Connection {
  readonly terminal: Terminal;
  /** Fires on the first Ctrl-C or SIGTERM. */
  readonly signal: AbortSignal;
}
