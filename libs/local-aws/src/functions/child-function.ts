import { fileURLToPath } from "node:url";
import type { InvocationResult, Invoke } from "../event-source/invocation.ts";
import { type GuardedProcess, spawnGuarded } from "../guarded-process.ts";
import { reason } from "../log.ts";
import type { FromChild, ToChild } from "./child-protocol.ts";
import type { FunctionRuntime } from "./function-runtime.ts";
import type { FunctionIdentity } from "./lambda-context.ts";

const childMain = fileURLToPath(new URL("./child-main.ts", import.meta.url));

/** Lambda gives a function this long to load before it counts as broken. */
const initTimeoutMs = 10_000;

interface ChildProcess {
  readonly guarded: GuardedProcess;
  readonly loaded: Promise<InvocationResult>;
}

/**
 * Runs a function in a Node process of its own. The process is started at once, so that the first invocation finds
 * it loaded; it is killed when an invocation runs out of time, and whenever it is gone the next invocation starts
 * another. Like an execution environment on Lambda it serves one invocation at a time; others wait their turn, where
 * Lambda would start further environments.
 */
export async function childFunction(
  entry: string,
  env: NodeJS.ProcessEnv,
  identity: FunctionIdentity,
  timeoutMs: number,
): Promise<FunctionRuntime> {
  let current: Promise<ChildProcess> | undefined;
  let pid: number | undefined;
  let turn: Promise<unknown> = Promise.resolve();
  let isClosed = false;

  const start = async (): Promise<ChildProcess> => {
    const guarded = await spawnGuarded(process.execPath, [childMain, entry], { env, ipc: true, output: "share" });
    pid = guarded.pid;
    void guarded.exited.then(() => {
      pid = undefined;
      current = undefined;
    });
    const ready = nextMessage(guarded, ({ kind }) => kind === "ready" || kind === "init-failed");
    return { guarded, loaded: withinTime(ready, guarded, initTimeoutMs) };
  };

  const invokeNow: Invoke = async (event, requestId) => {
    try {
      if (isClosed) return { ok: false, error: "the function was closed" };
      current ??= start();
      const { guarded, loaded } = await current;
      const init = await loaded;
      if (!init.ok) {
        guarded.kill("SIGKILL");
        await guarded.exited;
        return init;
      }
      const answer = nextMessage(guarded, (message) => "requestId" in message && message.requestId === requestId);
      const call: ToChild = { requestId, event, identity, deadline: Date.now() + timeoutMs };
      // A process that died this instant shows in `answer`.
      guarded.shell.send(call, () => undefined);
      return await withinTime(answer, guarded, timeoutMs);
    } catch (error) {
      // The machine has no process to give: the next invocation tries again.
      current = undefined;
      return { ok: false, error: reason(error) };
    }
  };

  current = start();
  await current;
  return {
    get pid() {
      return pid;
    },
    invoke: (event, requestId) => {
      const result = turn.then(() => invokeNow(event, requestId));
      turn = result;
      return result;
    },
    close: async () => {
      isClosed = true;
      const child = await current?.catch(() => undefined);
      child?.guarded.kill("SIGKILL");
      await child?.guarded.exited;
    },
  };
}

/** Returns the first message that `wanted` picks, or a failure if the process ends before it. */
function nextMessage(
  { shell, exited }: GuardedProcess,
  wanted: (message: FromChild) => boolean,
): Promise<InvocationResult> {
  return new Promise((resolve) => {
    const listen = (message: FromChild) => {
      if (!wanted(message)) return;
      shell.off("message", listen);
      resolve(asResult(message));
    };
    shell.on("message", listen);
    void exited.then((code) => {
      shell.off("message", listen);
      resolve({ ok: false, error: `the function's process ended with exit code ${code}` });
    });
  });
}

function asResult(message: FromChild): InvocationResult {
  if (message.kind === "ready") return { ok: true, response: undefined };
  if (message.kind === "answer") return { ok: true, response: message.response };
  return { ok: false, error: message.error };
}

/** Kills the process when no result comes in time, and waits until it is gone, so that it cannot act beside its retry. */
async function withinTime(
  result: Promise<InvocationResult>,
  guarded: GuardedProcess,
  ms: number,
): Promise<InvocationResult> {
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    guarded.kill("SIGKILL");
  }, ms);
  const outcome = await result;
  clearTimeout(timer);
  return isLate ? { ok: false, error: `Task timed out after ${ms / 1000} seconds` } : outcome;
}
