import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import { createServer } from "node:net";
import { dirname, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { startFauxqs } from "fauxqs";
import { afterAll, beforeAll } from "vitest";
import { type AwsClients, createAwsClients, type Endpoints } from "./clients/aws-clients.ts";

/**
 * Starts the bare emulators in memory for this package's own tests. All other packages use `@doubleshot/local-aws`, which
 * depends on this package.
 */
export async function startEndpoints(): Promise<Required<Endpoints> & AsyncDisposable> {
  const dynoxide = await startDynoxide();
  const fauxqs = await startFauxqs({ port: 0, host: "127.0.0.1", logger: false });
  const messaging = `http://127.0.0.1:${fauxqs.port}`;
  return {
    dynamodb: dynoxide.url,
    sns: messaging,
    sqs: messaging,
    s3: messaging,
    async [Symbol.asyncDispose]() {
      await fauxqs.stop();
      await stop(dynoxide.child);
    },
  };
}

/** The emulators for all tests of a file, and clients of them. */
export function useEndpoints() {
  let endpoints: Awaited<ReturnType<typeof startEndpoints>>;
  let clients: AwsClients;
  beforeAll(async () => {
    endpoints = await startEndpoints();
    clients = createAwsClients({ endpoints });
  });
  afterAll(async () => {
    clients?.destroy();
    await endpoints?.[Symbol.asyncDispose]();
  });
  return {
    get endpoints() {
      return endpoints;
    },
    get clients() {
      return clients;
    },
  };
}

/** Returns a port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  return typeof address === "object" && address ? address.port : 0;
}

async function startDynoxide(): Promise<{ url: string; child: ChildProcess }> {
  // dynoxide does not report which port it got for 0, and another process may take a free port before dynoxide starts.
  for (let attempt = 1; ; attempt++) {
    const url = `http://127.0.0.1:${await freePort()}`;
    const child = spawn(binary(), ["serve", "--host", "127.0.0.1", "--port", new URL(url).port], { stdio: "ignore" });
    if (await answers(url, child)) return { url, child };
    await stop(child);
    if (attempt === 5) throw new Error("dynoxide did not start");
  }
}

async function answers(url: string, child: ChildProcess): Promise<boolean> {
  const deadline = Date.now() + 5_000;
  while (child.exitCode === null && Date.now() < deadline) {
    if (
      await fetch(url).then(
        () => true,
        () => false,
      )
    )
      return true;
    await delay(10);
  }
  return false;
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, "exit");
  child.kill("SIGKILL");
  await exited;
}

function binary(): string {
  try {
    const folder = createRequire(import.meta.url).resolve(`@dynoxide/${process.platform}-${process.arch}/package.json`);
    return join(dirname(folder), "dynoxide");
  } catch {
    return "dynoxide";
  }
}
