/** One structured line. The embedded AWS logs little: starts, restarts, failed invocations, discarded records. */
export interface LogEntry {
  readonly level: "info" | "warn" | "error";
  readonly msg: string;
  readonly [detail: string]: unknown;
}

export type Log = (entry: LogEntry) => void;

/** The text of a thrown value, which may be no Error. */
export const reason = (error: unknown): string => (error instanceof Error ? error.message : String(error));
