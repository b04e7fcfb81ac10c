import { childFunction } from "./child-function.ts";
import type { FunctionRuntime } from "./function-runtime.ts";
import type { FunctionSpec } from "./function-spec.ts";
import { inProcessFunction } from "./in-process-function.ts";
import type { FunctionIdentity } from "./lambda-context.ts";

export interface FunctionSetup {
  readonly identity: FunctionIdentity;
  readonly timeoutSeconds: number;
  /** Given to a function with a process of its own, on top of this process' environment. */
  readonly env: Readonly<Record<string, string>>;
}

/** Resolves once the function's process, if it has one, has been started; it loads meanwhile. */
export async function startFunction(
  spec: FunctionSpec,
  { identity, timeoutSeconds, env }: FunctionSetup,
): Promise<FunctionRuntime> {
  const timeoutMs = timeoutSeconds * 1000;
  if ("handler" in spec) return inProcessFunction(spec.handler, identity, timeoutMs);
  const lambdaEnv = {
    AWS_LAMBDA_FUNCTION_NAME: identity.name,
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(identity.memoryMegabytes),
    AWS_LAMBDA_FUNCTION_VERSION: "$LATEST",
  };
  return childFunction(spec.entry, { ...process.env, ...lambdaEnv, ...env, ...spec.env }, identity, timeoutMs);
}
