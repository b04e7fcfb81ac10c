import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { type LocalAws, startLocalAws } from "@doubleshot/local-aws";
import { coffeeShop } from "@doubleshot/shop";
import { provision, type Topology } from "@doubleshot/topology";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { gone, runCommand } from "./run-command.fixture.ts";

let aws: LocalAws;
beforeAll(async () => {
  aws = await startLocalAws();
});
afterAll(() => aws?.close());

const verbs = [
  ["status"],
  ["audit"],
  ["parked", "list"],
  ["dead", "list"],
  ["dead", "redrive"],
  ["replay", "--from", "1h"],
];

/** An endpoint that accepts connections and never answers. */
async function silentEndpoint(): Promise<{ url: string; sockets: readonly Socket[] }> {
  const sockets: Socket[] = [];
  const server = createServer((socket) => sockets.push(socket.on("error", () => undefined))).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, sockets };
}

describe.each(verbs.map((verb) => [verb]))("%j", (verb) => {
  test("against an AWS that never answers ends soon after an interruption", async () => {
    const { url, sockets } = await silentEndpoint();
    const endpoints = { AWS_ENDPOINT_URL_DYNAMODB: url, AWS_ENDPOINT_URL_SNS: url, AWS_ENDPOINT_URL_SQS: url };
    const interrupted = new AbortController();
    const running = runCommand(verb, { ...aws.env, ...endpoints }, interrupted.signal);
    // All calls of the moment are under way: within their time limit of 5 s, no other comes.
    let underWay = 0;
    const isUnderWay = () => {
      const before = underWay;
      underWay = sockets.length;
      return underWay > 0 && underWay === before;
    };
    await expect.poll(isUnderWay, { interval: 200 }).toBe(true);
    interrupted.abort();
    const { code, stderr } = await running;
    expect([code, stderr]).toEqual([1, "Interrupted: what was done is done.\n"]);
    // It waits neither for the time limit nor for the retries after it, which open connections of their own.
    expect(sockets.length).toBe(underWay);
  });

  test("in a shop that is not there names the missing resource, and its endpoint", async () => {
    const { code, stdout, stderr } = await runCommand(verb, { ...aws.env, SHOP: "nowhere" });
    expect([code, stdout]).toEqual([1, ""]);
    expect(stderr).toMatch(
      /^(Table|Queue|Topic) nowhere-[\w.-]+ is not at http:[^\n]+ in region us-east-1: correct AWS_REGION, SHOP[^\n]*[.]\n$/,
    );
  });

  test("against a closed port says which service does not answer where", async () => {
    const endpoints = { AWS_ENDPOINT_URL_DYNAMODB: gone, AWS_ENDPOINT_URL_SQS: gone };
    const { code, stdout, stderr } = await runCommand(verb, { ...aws.env, ...endpoints });
    expect([code, stdout]).toEqual([1, ""]);
    expect(stderr).toMatch(/^(DynamoDB|SQS) does not answer at http:\/\/127.0.0.1:1: [^\n]+[.]\n$/);
  });
});

describe.each([
  ["tables alone", { ...coffeeShop.topology, topics: {}, queues: {}, subscriptions: [], mappings: {} }],
  ["queues and topics alone", { ...coffeeShop.topology, tables: {}, mappings: {} }],
] satisfies [string, Topology][])("in a shop that has %s", (_, topology) => {
  const SHOP = `half-${Object.keys(topology.tables).length}`;
  beforeAll(() => provision({ topology, shop: SHOP, clients: aws.clients }));

  const all = [
    ...verbs,
    ["trace", "01890a5d-ac96-774b-bcce-b302099a8057"],
    ["parked", "show", "order#1"],
    ["parked", "retry", "--all"],
    ["parked", "drop", "order#1", "--yes"],
    ["dead", "show", "order#1"],
  ];
  test.each(all.map((args) => [args]))("%j names the missing resource, or its result", async (args) => {
    const { code, stderr } = await runCommand(args, { ...aws.env, SHOP });
    // Commands that need only what is there do their work.
    if (code === 0) return;
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^((Table|Queue|Topic) half-\d+-[\w.-]+ is not at http:|No(thing| dead letter) |There is no order )[^\n]+[.]\n$/m,
    );
    expect(stderr).not.toMatch(/^ {4}at /m);
  });
});
