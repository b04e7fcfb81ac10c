import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer, request, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";

const main = fileURLToPath(new URL("../main.ts", import.meta.url));

/** A service that answers nothing, and the requests that it has. */
async function silentService() {
  const held: ServerResponse[] = [];
  const server = createServer((_request, response) => void held.push(response)).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, held };
}

/** Starts the web service as a process that may have so many files open, and returns its URL. */
async function startWeb(openFiles: number, ordersUrl: string): Promise<string> {
  const child = spawn("sh", ["-c", `ulimit -n ${openFiles} && exec "$0" "$1"`, process.execPath, main], {
    env: { ...process.env, PORT: "0", ORDERS_URL: ordersUrl, AWS_REGION: "us-east-1" },
    stdio: ["ignore", "pipe", "inherit"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  for await (const line of createInterface(child.stdout)) {
    const { msg, url } = JSON.parse(line) as { msg: string; url: string };
    if (msg === "listening") return url;
  }
  throw new Error("The web service has ended.");
}

test("callers that wait at a service leave the process the descriptors that it needs, and more are refused", async () => {
  const { url: ordersUrl, held } = await silentService();
  const url = await startWeb(512, ordersUrl);
  const refusals: string[] = [];
  const wait = () => {
    const sent = request(`${url}/orders/1`, { agent: false }, async (response) => {
      refusals.push(`${response.statusCode} ${Buffer.concat(await response.toArray())}`);
    });
    sent.on("error", () => undefined).end();
  };
  // Fewer at a time than there are connections for probes, so each one that is refused gets its answer.
  for (let callers = 32; callers <= 320; callers += 32) {
    for (let each = 0; each < 32; each++) wait();
    await expect.poll(() => held.length + refusals.length).toBe(callers);
  }
  // 512 less 128 for the process and 64 for probes, and two for each caller.
  expect(held).toHaveLength(160);
  for (const refusal of refusals) expect(refusal).toMatch(/^503 .*has as many connections as it may have/);
  expect((await fetch(`${url}/livez`)).status).toBe(200);
});
