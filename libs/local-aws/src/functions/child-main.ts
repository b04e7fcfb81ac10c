import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { reason } from "../log.ts";
import type { FromChild, ToChild } from "./child-protocol.ts";
import type { Handler } from "./function-spec.ts";
import { lambdaContext } from "./lambda-context.ts";

// The process of one function: loads the module named on the command line and runs its handler for each message, one
// at a time, as Lambda does in one execution environment. It ends when its host does.

const send = (message: FromChild) => process.send?.(message);

process.on("disconnect", () => process.exit(0));

try {
  const handler = await loadHandler(process.argv[2] ?? "");
  process.on("message", (message: ToChild) => void run(handler, message));
  send({ kind: "ready" });
} catch (error) {
  send({ kind: "init-failed", error: reason(error) });
}

async function loadHandler(entry: string): Promise<Handler> {
  const module: { handler?: unknown } = await import(pathToFileURL(resolve(entry)).href);
  if (typeof module.handler === "function") return module.handler as Handler;
  throw new Error(`${entry} does not export a function named handler`);
}

async function run(handler: Handler, { requestId, event, identity, deadline }: ToChild): Promise<void> {
  try {
    const response = await handler(event, lambdaContext(identity, requestId, deadline));
    send({ kind: "answer", requestId, response: response ?? null });
  } catch (error) {
    send({ kind: "threw", requestId, error: reason(error) });
  }
}
