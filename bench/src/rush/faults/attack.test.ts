import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { attack } from "./attack.ts";

// The counter here is a stub, so that a test can send the attacker every kind of answer.

async function counter(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen({ port: 0, host: "127.0.0.1", backlog: 1_000 });
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test("the outcome counts served, refused, cut-off and waiting orders", async () => {
  const allArrived = Promise.withResolvers<void>();
  let orders = 0;
  const url = await counter((request, response) => {
    orders += 1;
    if (orders <= 20) response.writeHead(200).end("{}");
    else if (orders <= 50) response.writeHead(429).end("{}");
    else if (orders <= 53) request.socket.destroy();
    if (orders === 60) allArrived.resolve();
  });
  const attacking = attack([url], 60);
  await allArrived.promise;
  const { statuses, refusedWithinMs } = await attacking.end();
  expect(statuses).toEqual({ 200: 20, 429: 30, "cut-off": 3, waiting: 7 });
  expect(refusedWithinMs).toBeGreaterThan(0);
});

test("all orders come from one address, and go to all counters", async () => {
  const addresses = new Set<string | undefined>();
  const listener =
    (requests: string[]): RequestListener =>
    (request, response) => {
      addresses.add(request.socket.remoteAddress);
      requests.push(`${request.method} ${request.url}`);
      response.writeHead(429).end("{}");
    };
  const [here, there]: [string[], string[]] = [[], []];
  const attacking = attack([await counter(listener(here)), await counter(listener(there))], 40);
  await expect.poll(() => here.length + there.length).toBe(40);
  expect((await attacking.end()).statuses).toEqual({ 429: 40 });
  expect([here.length, there.length]).toEqual([20, 20]);
  expect(new Set([...here, ...there])).toEqual(new Set(["POST /order/"]));
  expect(addresses.size).toBe(1);
});

test("the failure of an attacker is reported at the end, and not before", async () => {
  const attacking = attack(["no address"]);
  await expect(attacking.end()).rejects.toThrow("The attacker ended with code 1 before it reported its orders.");
});
