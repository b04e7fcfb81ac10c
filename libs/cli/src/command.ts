import type { Connection } from "./connect.ts";
import type { Terminal } from "./output/terminal.ts";

/** `usage` is a wrong argument; `undelivered` is an audit that found undelivered events. */
export const exitCodes = { fine: 0, failed: 1, usage: 2, undelivered: 3 } as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

export interface Command {
  readonly summary: string;
  /** The text for `--help`. */
  readonly help: string;
  /** Reads the arguments and returns the work. Wrong arguments fail before any connection is made. */
  prepare(args: readonly string[]): Prepared;
}

type Prepared = "help" | ((context: CommandContext) => Promise<ExitCode>);

export interface CommandContext extends Connection {
  readonly terminal: Terminal;
  /** Fires on the first Ctrl-C or SIGTERM. */
  readonly signal: AbortSignal;
}
