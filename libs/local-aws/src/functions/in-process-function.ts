import type { InvocationResult } from "../event-source/invocation.ts";
import { reason } from "../log.ts";
import type { FunctionRuntime } from "./function-runtime.ts";
import type { Handler } from "./function-spec.ts";
import { type FunctionIdentity, lambdaContext } from "./lambda-context.ts";

/**
 * Runs a handler in this process. A handler that runs out of time counts as failed but cannot be stopped: it
 * goes on beside its own retry. Give it an `entry` instead where that matters.
 */
export function inProcessFunction(handler: Handler, identity: FunctionIdentity, timeoutMs: number): FunctionRuntime {
  const closed = Promise.withResolvers<InvocationResult>();
  return {
    pid: undefined,
    invoke: async (event, requestId) => {
      const context = lambdaContext(identity, requestId, Date.now() + timeoutMs);
      const timedOut = Promise.withResolvers<InvocationResult>();
      const error = `Task timed out after ${timeoutMs / 1000} seconds`;
      const timer = setTimeout(() => timedOut.resolve({ ok: false, error }), timeoutMs);
      try {
        // A copy, as on Lambda: a change of the event must not show in the retry.
        const answer = call(() => handler(structuredClone(event), context));
        return await Promise.race([answer, timedOut.promise, closed.promise]);
      } finally {
        clearTimeout(timer);
      }
    },
    close: async () => closed.resolve({ ok: false, error: "the function was closed" }),
  };
}

async function call(handler: () => Promise<unknown>): Promise<InvocationResult> {
  try {
    return { ok: true, response: await handler() };
  } catch (error) {
    return { ok: false, error: reason(error) };
  }
}
