import { createHash } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import {
  CreateFunctionCommand,
  type FunctionConfiguration,
  GetFunctionConfigurationCommand,
  type LambdaClient,
  ResourceConflictException,
  ResourceNotFoundException,
  UpdateFunctionCodeCommand,
  UpdateFunctionConfigurationCommand,
  waitUntilFunctionActiveV2,
  waitUntilFunctionUpdatedV2,
} from "@aws-sdk/client-lambda";
import { ProvisionError, type Report } from "../provision/provision-report.ts";

export interface FunctionTask {
  readonly lambda: LambdaClient;
  readonly name: string;
  /** A zip archive. */
  readonly code: Uint8Array;
  readonly settings: FunctionSettings;
  readonly report: Report;
}

interface FunctionSettings {
  readonly Runtime: "nodejs24.x";
  readonly Handler: string;
  readonly Role: string;
  /** Seconds. */
  readonly Timeout: number;
  /** Megabytes. */
  readonly MemorySize: number;
  readonly Environment: { readonly Variables: Record<string, string> };
}

/**
 * Creates the function, or updates its settings and its code where they differ. Returns when it can be invoked.
 *
 * @throws ProvisionError when the endpoint does not get it ready
 */
export async function deployFunction(task: FunctionTask): Promise<void> {
  const { lambda, name, settings, report } = task;
  const found = await findFunction(lambda, name);
  if (found === undefined && (await createFunction(task))) {
    await whenReady(lambda, name);
    report("function", name, "made");
    return;
  }
  // Another run may be at work on it, and Lambda refuses a second update meanwhile.
  await whenReady(lambda, name);
  const current = (await findFunction(lambda, name)) ?? {};
  const otherSettings = Object.entries(settings).some(
    ([setting, value]) => !isDeepStrictEqual(current[setting as keyof FunctionSettings], value),
  );
  if (otherSettings) {
    await lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName: name, ...settings }));
    await whenReady(lambda, name);
  }
  const otherCode = current.CodeSha256 !== codeHash(task.code);
  if (otherCode) {
    await lambda.send(new UpdateFunctionCodeCommand({ FunctionName: name, ZipFile: task.code }));
    await whenReady(lambda, name);
  }
  report("function", name, otherSettings || otherCode ? "changed" : "there");
}

/** `CodeSha256` of a function with this code. */
function codeHash(code: Uint8Array): string {
  return createHash("sha256").update(code).digest("base64");
}

async function findFunction(lambda: LambdaClient, name: string): Promise<FunctionConfiguration | undefined> {
  try {
    return await lambda.send(new GetFunctionConfigurationCommand({ FunctionName: name }));
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return undefined;
    throw error;
  }
}

/** False when another run has created the function since the lookup. */
async function createFunction({ lambda, name, code, settings }: FunctionTask): Promise<boolean> {
  try {
    await lambda.send(new CreateFunctionCommand({ FunctionName: name, ...settings, Code: { ZipFile: code } }));
    return true;
  } catch (error) {
    if (error instanceof ResourceConflictException) return false;
    throw error;
  }
}

async function whenReady(lambda: LambdaClient, name: string): Promise<void> {
  const waiter = { client: lambda, maxWaitTime: 120, minDelay: 1, maxDelay: 2 };
  try {
    await waitUntilFunctionActiveV2(waiter, { FunctionName: name });
    await waitUntilFunctionUpdatedV2(waiter, { FunctionName: name });
  } catch (error) {
    const { StateReason, LastUpdateStatusReason } = (await findFunction(lambda, name)) ?? {};
    const reason = LastUpdateStatusReason || StateReason || String(error);
    throw new ProvisionError(`Function ${name} does not become ready (${reason}): look at the endpoint's log.`);
  }
}
