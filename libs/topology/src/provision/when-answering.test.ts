import { once } from "node:events";
import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { ListQueuesCommand } from "@aws-sdk/client-sqs";
import { afterEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { createAwsClients } from "../clients/aws-clients.ts";
import { freePort } from "../endpoints.fixture.ts";
import { twoServices } from "../two-services.fixture.ts";
import { useShops } from "./provision.fixture.ts";
import { whenAnswering } from "./when-answering.ts";

const aws = useShops();
afterEach(() => vi.useRealTimers());

/** An address of the target that leaves its first requests unanswered. */
async function coldEndpoint(target: string, unanswered: number): Promise<string> {
  let requests = 0;
  const server = createServer((incoming, outgoing) => {
    requests += 1;
    if (requests <= unanswered) return;
    const { method, headers, url = "/" } = incoming;
    const forwarded = request(new URL(url, target), { method, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    incoming.pipe(forwarded);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Clients with a short time limit, whose DynamoDB is at this address. */
function clientsOf(dynamodb: string, { sqs } = aws.endpoints) {
  const clients = createAwsClients({ endpoints: { ...aws.endpoints, dynamodb, sqs }, requestTimeoutMs: 300 });
  onTestFinished(() => clients.destroy());
  return clients;
}

test("an endpoint that is still loading is waited for, and reported once", async () => {
  // More than the tries of one call.
  const clients = clientsOf(await coldEndpoint(aws.endpoints.dynamodb, 9));
  const lines: string[] = [];
  await whenAnswering({ topology: twoServices, shop: aws.shop, clients, log: (line) => lines.push(line) });
  expect(lines.filter((line) => line.startsWith("DynamoDB"))).toEqual([
    expect.stringMatching(/^DynamoDB does not answer at http:\/\/127\.0\.0\.1:\d+: start it .+[.] Waiting for it[.]$/),
  ]);
});

test("after the failure of one service, no other one is waited for", async () => {
  const silent = await coldEndpoint(aws.endpoints.sqs, Number.POSITIVE_INFINITY);
  const clients = clientsOf(`http://127.0.0.1:${await freePort()}`, { ...aws.endpoints, sqs: silent });
  const lines: string[] = [];
  const answering = whenAnswering({ topology: twoServices, shop: aws.shop, clients, log: (line) => lines.push(line) });
  await expect(answering).rejects.toMatchObject({ code: "ECONNREFUSED" });
  // This call begins later than the one to be waited for, and has the same limit.
  await expect(clients.sqs.send(new ListQueuesCommand())).rejects.toMatchObject({ name: "TimeoutError" });
  expect(lines).toEqual([]);
});

describe("provision", () => {
  test("fails with one sentence when the endpoint has not answered for two minutes", async () => {
    const clients = clientsOf(await coldEndpoint(aws.endpoints.dynamodb, Number.POSITIVE_INFINITY));
    vi.useFakeTimers({ toFake: ["Date"] });
    const log = () => vi.setSystemTime(Date.now() + 121_000);
    await expect(aws.provision({ clients, log })).rejects.toMatchObject({
      exitSentence: true,
      message: expect.stringMatching(/^DynamoDB does not answer at /),
    });
  });

  test("does not wait at a closed port", async () => {
    const clients = clientsOf(`http://127.0.0.1:${await freePort()}`);
    const lines: string[] = [];
    const failed = aws.provision({ clients, log: (line) => lines.push(line) });
    await expect(failed).rejects.toMatchObject({ code: "ECONNREFUSED" });
    expect(lines).toEqual([]);
  });
});
