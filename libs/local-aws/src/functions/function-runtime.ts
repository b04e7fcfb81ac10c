import type { Invoke } from "../event-source/invocation.ts";

export interface FunctionRuntime {
  readonly invoke: Invoke;
  /** The function's own process, when it has one and it is up. */
  readonly pid: number | undefined;
  close(): Promise<void>;
}
