import { fork } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { type AwsClients, createAwsClients } from "@doubleshot/topology";

const main = fileURLToPath(new URL("../../../libs/local-aws/src/main.ts", import.meta.url));

/** Starts the embedded AWS in memory, as a process that ends with this one. Each call waits `callMs` before it is sent. */
export async function startAws(callMs = 0): Promise<{ clients: AwsClients } & AsyncDisposable> {
  const process = fork(main, {
    env: { ...globalThis.process.env, FUNCTIONS: "{}" },
    stdio: ["ignore", "pipe", "inherit", "ipc"],
  });
  const ended = once(process, "exit");
  if (process.stdout === null) throw new Error("The embedded AWS has no output.");
  for await (const line of createInterface({ input: process.stdout })) {
    const { msg, endpoints } = JSON.parse(line);
    if (msg !== "listening") continue;
    const clients = createAwsClients({ endpoints });
    if (callMs > 0)
      for (const client of [clients.dynamodb, clients.sns, clients.sqs, clients.longPolls]) delayCalls(client, callMs);
    return {
      clients,
      [Symbol.asyncDispose]: async () => {
        clients.destroy();
        process.kill();
        await ended;
      },
    };
  }
  throw new Error("The embedded AWS did not start.");
}

/** Adds the time that a call to AWS takes on its way, and that an endpoint on the same machine does not. */
function delayCalls(client: { readonly middlewareStack: object }, callMs: number): void {
  // The middleware stacks of all clients differ in the types of their calls only.
  const middlewareStack = client.middlewareStack as AwsClients["sns"]["middlewareStack"];
  middlewareStack.add(
    (next) => async (call) => {
      await delay(callMs);
      return next(call);
    },
    { step: "finalizeRequest" },
  );
}
