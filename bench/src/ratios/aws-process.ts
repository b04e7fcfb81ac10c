import { fork } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { type AwsClients, createAwsClients } from "@doubleshot/topology";

const main = fileURLToPath(new URL("../../../libs/local-aws/src/main.ts", import.meta.url));

/** The embedded AWS in memory, as a process that ends with this one. */
export async function startAws(): Promise<{ clients: AwsClients } & AsyncDisposable> {
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
