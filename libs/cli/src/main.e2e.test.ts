import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, open, readFile, rm, writeFile } from "node:fs/promises";
import { createServer as createHttpServer } from "node:http";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { PutCommand } from "@aws-sdk/lib-dynamodb";
import { type LocalAws, startLocalAws } from "@doubleshot/local-aws";
import { createOutbox, defineEvent } from "@doubleshot/messaging";
import { shop as coffeeShop } from "@doubleshot/shop";
import { provision, type Topology } from "@doubleshot/topology";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { z } from "zod";
import about from "../package.json" with { type: "json" };
import { shopOf } from "./shop.ts";
import { eventually, TestShop } from "./test-shop.fixture.ts";

const bin = fileURLToPath(new URL("../bin/doubleshot.js", import.meta.url));
const relay = fileURLToPath(new URL("../../../lambdas/outbox/src/handler.ts", import.meta.url));

let aws: LocalAws;
let shop: TestShop;
beforeAll(async () => {
  aws = await startLocalAws({ topology: coffeeShop.topology, functions: { "orders-outbox-relay": { entry: relay } } });
  shop = new TestShop(shopOf(coffeeShop.topology, "doubleshot", aws.clients));
});
afterAll(() => aws?.close());

const gone = "http://127.0.0.1:1";

type Env = Readonly<Record<string, string>>;

/** Nothing of the caller's AWS settings, colours or shop reaches the command. */
const bare: Env = { PATH: process.env.PATH ?? "", NO_COLOR: "1" };

async function run(args: readonly string[], env: Env = aws.env) {
  const child = spawn(process.execPath, [bin, ...args], {
    env: { ...bare, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "close")]);
  return { code, stdout, stderr };
}

/** Where the embedded AWS listens, as the ports that a shop on this machine would have. */
const localPorts = (): Env => ({
  DYNAMODB_PORT: new URL(aws.endpoints.dynamodb).port,
  MESSAGING_PORT: new URL(aws.endpoints.sqs).port,
});

/** A row that SNS will never take: no commit makes one, but a hand can. */
async function commitPoison(aggregate: string, version: number): Promise<void> {
  const events = [{ id: crypto.randomUUID(), type: "OrderPlaced", json: "y".repeat(300_000) }];
  const Item = { aggregate, version, events, committedAt: new Date().toISOString() };
  await shop.documents.send(new PutCommand({ TableName: shop.table("orders-outbox"), Item }));
}

describe("finding the shop", () => {
  test("without AWS settings, the one on this machine, and says so beside the result", async () => {
    const { code, stdout, stderr } = await run(["status", "--json"], localPorts());
    expect(code).toBe(0);
    expect(stderr).toMatch(/^Using the shop on this machine \(ports \d+ and \d+\): [^\n]+\n$/);
    expect(JSON.parse(stdout)).toMatchObject({
      shop: "doubleshot",
      outboxes: [{ outbox: "doubleshot-orders-outbox" }, {}],
    });
  });

  describe("by what an open one has left in its data folder", () => {
    let folder: string;
    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), "doubleshot-"));
    });
    afterAll(() => rm(folder, { recursive: true, force: true }));
    const left = (pid: number, endpoints = aws.endpoints) =>
      writeFile(join(folder, "open-shop.json"), JSON.stringify({ pid, shop: "doubleshot", endpoints, services: {} }));

    test("wherever it listens", async () => {
      await left(process.pid);
      const { code, stderr } = await run(["status"], { DATA: folder });
      expect([code, stderr]).toEqual([0, expect.stringContaining(`(${folder}, process ${process.pid})`)]);
    });

    test("by --data, whatever AWS settings there are", async () => {
      await left(process.pid);
      const env = { AWS_ENDPOINT_URL: gone, AWS_REGION: "eu-central-1" };
      const { code, stderr } = await run(["status", "--data", folder], env);
      expect([code, stderr]).toEqual([0, `Using the shop on this machine (${folder}, process ${process.pid}).\n`]);
    });

    test("by DATA, which is the same as --data", async () => {
      await left(process.pid);
      const env = { AWS_ENDPOINT_URL: gone, AWS_REGION: "eu-central-1", DATA: folder };
      const { code, stderr } = await run(["status"], env);
      expect([code, stderr]).toEqual([0, `Using the shop on this machine (${folder}, process ${process.pid}).\n`]);
    });

    test("by --data, and no other than that", async () => {
      const { code, stdout, stderr } = await run(["--data", "/nowhere", "status"], localPorts());
      expect([code, stdout]).toEqual([1, ""]);
      expect(stderr).toBe("No shop is open in /nowhere: open it with npm start -- --data, or correct --data.\n");
    });

    test.each([
      ["there is no file", () => rm(join(folder, "open-shop.json"), { force: true })],
      ["its process is gone", () => left(2 ** 30)],
      ["nothing answers there", () => left(process.pid, { ...aws.endpoints, dynamodb: gone })],
      ["it is not readable", () => writeFile(join(folder, "open-shop.json"), "{")],
      ["it is null", () => writeFile(join(folder, "open-shop.json"), "null")],
      ["it names no endpoints", () => writeFile(join(folder, "open-shop.json"), `{ "pid": ${process.pid} }`)],
      ["an endpoint is no URL", () => left(process.pid, { ...aws.endpoints, sqs: "nonsense" })],
    ])("by DATA, and no other than that, when %s", async (_, leave) => {
      await leave();
      const { code, stdout, stderr } = await run(["dead", "redrive"], { ...localPorts(), DATA: folder });
      expect([code, stdout]).toEqual([1, ""]);
      expect(stderr).toBe(`No shop is open in ${folder}: open it with npm start -- --data, or correct DATA.\n`);
    });
  });

  test("with them, no other, and without a word", async () => {
    const { code, stderr } = await run(["status"]);
    expect([code, stderr]).toEqual([0, ""]);
  });

  test.each([
    [
      "nothing is open",
      { DYNAMODB_PORT: "1", MESSAGING_PORT: "2", DATA: "" },
      /^No shop is open on this machine \(nothing answers on ports 1 and 2, .*in \S+\.doubleshot .*npm start.*DATA.*\n$/,
    ],
    ["a port that is none", { DYNAMODB_PORT: "x" }, /^DYNAMODB_PORT is "x": .*\n$/],
    ["a name that cannot be", { SHOP: "My Shop" }, /^SHOP is "My Shop": .*\n$/],
    [
      "an endpoint that is dead",
      {
        AWS_ENDPOINT_URL: "http://127.0.0.1:1",
        AWS_REGION: "us-east-1",
        AWS_ACCESS_KEY_ID: "x",
        AWS_SECRET_ACCESS_KEY: "x",
      },
      /^DynamoDB does not answer at http:\/\/127.0.0.1:1: .*\n$/,
    ],
  ] as const)("%s: one sentence, and exit code 1", async (_, env, sentence) => {
    const { code, stdout, stderr } = await run(["status"], env);
    expect([code, stdout]).toEqual([1, ""]);
    expect(stderr).toMatch(sentence);
  });

  test("another region than the shop's is named, because there the shop seems to be missing", async () => {
    const { code, stderr } = await run(["dead", "list"], { ...aws.env, AWS_REGION: "eu-central-1" });
    expect(code).toBe(1);
    expect(stderr).toMatch(/^Queue \S+ is not at http:\S+ in region eu-central-1: correct AWS_REGION, SHOP, .*\n$/);
  });

  test("a shop that is not there", async () => {
    const { code, stderr } = await run(["audit"], { ...aws.env, SHOP: "other" });
    expect(code).toBe(1);
    expect(stderr).toMatch(/^Table other-(orders|barista)-outbox is not at http:.*: correct AWS_REGION, SHOP.*\n$/);
  });
});

describe("another system than the shop, by the file that TOPOLOGY names", () => {
  let file: string;
  beforeAll(async () => {
    file = join(await mkdtemp(join(tmpdir(), "topology-")), "topology.json");
    // Under names that are not made of a shop's: those of docs/adopting.md.
    const page = await readFile(new URL("../../../docs/adopting.md", import.meta.url), "utf8");
    await writeFile(file, /```json\n([\s\S]*?)```/.exec(page)?.[1] ?? "");
    await provision({ topology: adopters, shop: "", clients: aws.clients });
  });
  afterAll(() => rm(join(file, ".."), { recursive: true, force: true }));
  const adopters: Topology = {
    tables: {
      "orders-outbox": coffeeShop.topology.tables["orders-outbox"],
      "orders-inbox": coffeeShop.topology.tables["orders-inbox"],
      "orders-parked": coffeeShop.topology.tables["orders-parked"],
    },
    topics: { "orders-events.fifo": { fifo: true } },
    queues: {
      "kitchen.fifo": { fifo: true, deadLetter: { queue: "kitchen-dead.fifo", maxReceiveCount: 100 } },
      "kitchen-dead.fifo": { fifo: true },
      "kitchen-undelivered.fifo": { fifo: true },
      "orders-outbox-failed": { fifo: false },
    },
    subscriptions: [],
    mappings: {},
  };
  const ask = (...args: string[]) => run(args, { ...aws.env, TOPOLOGY: file });

  test("is operated like it", async () => {
    const { documents } = aws.clients;
    const tables = { outbox: "orders-outbox", inbox: "orders-inbox" };
    const Placed = defineEvent("OrderPlaced", { version: 1, schema: z.object({}) });
    const outbox = createOutbox({ client: documents, source: "/orders", tables });
    await outbox.commit({ aggregate: "order#42", version: 1, events: [Placed({})] });
    const audit = await ask("audit", "--older-than", "0s", "--json");
    expect(audit.code).toBe(3);
    expect(JSON.parse(audit.stdout)).toMatchObject({ undelivered: [{ aggregate: "order#42", subscriber: "kitchen" }] });
    const replay = ["replay", "--from", "1h", "--queue", "kitchen.fifo", "--execute", "--json"];
    expect(JSON.parse((await ask(...replay)).stdout)).toMatchObject({ events: 1 });
    const status = JSON.parse((await ask("status", "--json")).stdout);
    expect(status).toMatchObject({ outboxes: [{ outbox: "orders-outbox" }], queues: [{ waiting: 1, dead: 0 }] });
    expect(await ask("parked", "list")).toMatchObject({ code: 0, stdout: "Nothing is parked.\n" });
    expect(await ask("dead", "list")).toMatchObject({ code: 0, stdout: "There are no dead letters.\n" });
  });

  test("names nothing to trace", async () => {
    const { code, stderr } = await ask("trace", "42");
    expect([code, stderr]).toEqual([1, expect.stringMatching(/^The topology names nothing to trace: .*\n$/)]);
  });

  test("is asked for again when the file says nothing of it", async () => {
    const { code, stderr } = await run(["status"], { ...aws.env, TOPOLOGY: "/nowhere.json" });
    expect([code, stderr]).toEqual([
      1,
      expect.stringMatching(/^TOPOLOGY is \/nowhere\.json, which cannot be read .*\n$/),
    ]);
    await writeFile(file, "{}");
    expect((await ask("status")).stderr).toMatch(/^TOPOLOGY is .*, which has no "queues".*\n$/);
  });
});

describe("usage", () => {
  test("--help goes to standard output", async () => {
    for (const args of [["--help"], ["replay", "--help"], ["dead", "-h"]]) {
      const { code, stdout, stderr } = await run(args, {});
      expect([code, stderr]).toEqual([0, ""]);
      expect(stdout).toMatch(/^doubleshot /);
    }
  });

  test("--version is one line", async () => {
    expect(await run(["--version"], {})).toEqual({ code: 0, stdout: `${about.version}\n`, stderr: "" });
  });

  test.each([[[]], [["brew"]], [["toString"]], [["audit", "--fast"]], [["parked", "drop"]]])(
    "%j is refused in one sentence, with exit code 2",
    async (args) => {
      const { code, stdout, stderr } = await run(args);
      expect([code, stdout]).toEqual([2, ""]);
      expect(stderr).toMatch(/^[^\n]+\.\n$/);
    },
  );

  test("a queue that is no subscriber's", async () => {
    const { code, stderr } = await run(["replay", "--from", "1h", "--queue", "bar"]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/^--queue is "bar": .*barista-subscriber\.fifo.*\n$/);
  });
});

test("an audit that finds something exits with 3, and keeps its remarks off standard output", async () => {
  await shop.documents.send(
    new PutCommand({
      TableName: shop.table("barista-outbox"),
      Item: {
        aggregate: "ticket#lost",
        version: 1,
        events: [{ id: "e", type: "BrewFinished" }],
        committedAt: "2026-01-31T08:30:00.000Z",
      },
    }),
  );
  const found = await run(["audit", "--json"]);
  expect(found.code).toBe(3);
  expect(JSON.parse(found.stdout).undelivered).toMatchObject([
    { aggregate: "ticket#lost", subscriber: "orders", held: "nowhere" },
  ]);
  expect(found.stderr).toMatch(
    /^Scanning doubleshot-orders-outbox: .*\nScanning doubleshot-barista-outbox: .*\nRead [\d.]+ read units?\.\n$/,
  );
  await shop.documents.send(new PutCommand({ TableName: shop.table("orders-inbox"), Item: { message: "orders#e" } }));
  expect(await run(["audit"])).toMatchObject({ code: 0, stdout: expect.stringMatching(/^All delivered: /) });
});

test("what the relay parks is listed, shown, refused again, dropped, and the rest is published in order", async () => {
  await using bar = await shop.openBar();
  await shop.commit("order#1", 1, "a");
  await commitPoison("order#1", 2);
  await shop.commit("order#1", 3, "b");
  await shop.commit("order#2", 1, "other");
  // The tally, the marker, and two rows.
  await expect.poll(async () => (await shop.rows("orders-parked")).length, eventually).toBe(4);
  await expect.poll(() => bar.texts().toSorted(), eventually).toEqual(["a", "other"]);

  const list = await run(["parked", "list", "--json"]);
  expect(JSON.parse(list.stdout)).toMatchObject([
    { aggregate: "order#1", marker: { upTo: 3 }, rows: [{ version: 2 }, { version: 3 }] },
  ]);
  expect((await run(["parked", "show", "order#1"])).stdout).toContain("order#1 version 3");
  expect(await run(["parked", "retry", "order#1"])).toMatchObject({
    code: 1,
    stdout: expect.stringMatching(/^refused +order#1: version 2: /),
  });
  expect(await run(["parked", "drop", "order#1"])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("say --yes"),
  });
  expect(await run(["parked", "drop", "order#1", "--yes"])).toMatchObject({
    code: 0,
    stdout: "dropped  order#1 version 2\n",
  });
  expect(await run(["parked", "retry", "--all"])).toMatchObject({
    code: 0,
    stdout: "released  order#1: 1 event published\n",
  });
  await expect.poll(() => bar.texts().filter((each) => each !== "other"), eventually).toEqual(["a", "b"]);
  await shop.commit("order#1", 4, "c");
  await expect.poll(() => bar.texts().at(-1), eventually).toBe("c");
  expect(await run(["parked", "list"])).toMatchObject({ code: 0, stdout: "Nothing is parked.\n" });
  expect(await run(["parked", "show", "order#1"])).toMatchObject({ code: 1, stdout: "" });
});

test("what the subscriber gives up is listed, shown and redriven in order", async () => {
  let broken = true;
  await using bar = await shop.openBar((each) => {
    if (broken && each === "bad") throw new Error("no beans");
  });
  for (const [index, each] of ["a", "bad", "b"].entries()) await shop.commit("order#dead", index + 1, each);
  await expect.poll(() => shop.depth("barista-subscriber-dead.fifo"), eventually).toBe(2);
  const list = await run(["dead", "list"]);
  expect(list).toMatchObject({ code: 0, stdout: expect.stringMatching(/order#dead +OrderPlaced .*no beans/) });
  expect(list.stdout).toContain("1 more letter behind these");
  // Letters that were looked at are hidden for a second more.
  await expect.poll(async () => (await run(["dead", "show", "order#dead"])).code, eventually).toBe(0);
  broken = false;
  expect(await run(["dead", "redrive", "--json"])).toMatchObject({ code: 0 });
  await expect.poll(() => bar.texts(), eventually).toEqual(["a", "bad", "b"]);
  expect(await run(["dead", "list"])).toMatchObject({ code: 0, stdout: "There are no dead letters.\n" });
});

test("replay says what it would do, and does it when told to", async () => {
  await shop.commit("order#again", 1, "again");
  const [row] = (await shop.rows("orders-outbox")).filter(({ aggregate }) => aggregate === "order#again");
  const args = [
    "replay",
    "--from",
    String(row?.committedAt),
    "--aggregate",
    "order#again",
    "--queue",
    "barista-subscriber.fifo",
    "--json",
  ];
  await expect.poll(() => shop.depth("barista-subscriber.fifo"), eventually).toBe(1);
  const dry = await run(args);
  expect(JSON.parse(dry.stdout)).toMatchObject({ executed: false, outboxes: [{ rows: 1 }] });
  expect(await shop.depth("barista-subscriber.fifo")).toBe(1);
  expect(JSON.parse((await run([...args, "--execute"])).stdout)).toMatchObject({ executed: true, events: 1 });
  expect(await shop.depth("barista-subscriber.fifo")).toBe(2);
});

test.each(["SIGINT", "SIGTERM"] as const)(
  "%s ends it between two messages, and the same command goes on",
  async (signal) => {
    const aggregate = `order#slow-${signal}`;
    const quiet = await shop.depth("barista-subscriber.fifo");
    const events = 10;
    for (let version = 1; version <= events; version++) await shop.commit(aggregate, version, `${version}`);
    const sent = () => shop.depth("barista-subscriber.fifo");
    const args = [
      "replay",
      "--from",
      "1h",
      "--aggregate",
      aggregate,
      "--queue",
      "barista-subscriber.fifo",
      "--execute",
    ];
    await expect.poll(sent, eventually).toBe(quiet + events);
    const before = await sent();
    const child = spawn(process.execPath, [bin, ...args, "--rate", "1"], { env: { ...bare, ...aws.env } });
    const ended = Promise.all([text(child.stderr), once(child, "close")]);
    await expect.poll(async () => (await sent()) > before, eventually).toBe(true);
    child.kill(signal);
    // As npm does with a Ctrl-C. What it ends is at most a process that has said all it had to say.
    if (signal === "SIGINT") child.kill(signal);
    const [stderr, [code, endedBy]] = await ended;
    expect(stderr).toMatch(/Interrupted: what was done is done\.\n$/);
    expect([1, ...(signal === "SIGINT" ? [signal] : [])]).toContain(code ?? endedBy);
    expect((await sent()) - before).toBeLessThan(events);
    expect(JSON.parse((await run([...args, "--json"])).stdout)).toMatchObject({ executed: true, events });
  },
);

describe("output that cannot be written", () => {
  async function runInto(file: string, args: readonly string[]) {
    const handle = await open(file, "w");
    const child = spawn(process.execPath, [bin, ...args], {
      env: { ...bare, ...aws.env },
      stdio: ["ignore", handle.fd, "pipe"],
    });
    const [stderr, [code]] = await Promise.all([text(child.stderr as Readable), once(child, "close")]);
    await handle.close();
    return { code, stderr };
  }

  test.each([[["status"]], [["status", "--json"]], [["audit"]], [["parked", "list"]], [["--help"]], [["--version"]]])(
    "%j into a full disk fails with a sentence",
    async (args) => {
      const { code, stderr } = await runInto("/dev/full", args);
      expect(code).toBe(1);
      expect(stderr).toMatch(/^The output cannot be written \(ENOSPC[^\n]*\)[^\n]*[.]\n$/m);
    },
  );

  test("a pipe whose reader has seen enough is no failure", async () => {
    const child = spawn(process.execPath, [bin, "status"], {
      env: { ...bare, ...aws.env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    child.stdout.destroy();
    const [stderr, [code]] = await Promise.all([text(child.stderr), once(child, "close")]);
    expect([code, stderr]).toEqual([0, ""]);
  });
});

const verbs = [
  ["status"],
  ["audit"],
  ["parked", "list"],
  ["dead", "list"],
  ["dead", "redrive"],
  ["replay", "--from", "1h"],
];

describe.each(verbs.map((verb) => [verb]))("%j", (verb) => {
  const signals = verb[0] === "status" ? (["SIGINT", "SIGTERM"] as const) : (["SIGTERM"] as const);
  test.each(signals)("against an AWS that says nothing ends soon after %s", async (signal) => {
    const sockets: Socket[] = [];
    const silent = createServer((socket) => sockets.push(socket.on("error", () => undefined))).listen(0, "127.0.0.1");
    await once(silent, "listening");
    onTestFinished(() => {
      for (const socket of sockets) socket.destroy();
      silent.close();
    });
    const url = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`;
    const env = {
      ...bare,
      ...aws.env,
      AWS_ENDPOINT_URL_DYNAMODB: url,
      AWS_ENDPOINT_URL_SNS: url,
      AWS_ENDPOINT_URL_SQS: url,
    };
    const child = spawn(process.execPath, [bin, ...verb], { env, stdio: ["ignore", "pipe", "pipe"] });
    // All calls of the moment are under way: within their time limit of 5 s, no other comes.
    let asked = 0;
    const isUnderWay = () => {
      const before = asked;
      asked = sockets.length;
      return asked > 0 && asked === before;
    };
    await expect.poll(isUnderWay, { interval: 200 }).toBe(true);
    child.kill(signal);
    const [stderr, [code]] = await Promise.all([text(child.stderr), once(child, "close")]);
    expect([code, stderr]).toEqual([1, "Interrupted: what was done is done.\n"]);
    // It waits neither for the time limit nor for the tries after it, which open connections of their own.
    expect(sockets.length).toBe(asked);
  });

  test("in a shop that is not there names what is missing, and where it was looked for", async () => {
    const { code, stdout, stderr } = await run(verb, { ...aws.env, SHOP: "nowhere" });
    expect([code, stdout]).toEqual([1, ""]);
    expect(stderr).toMatch(
      /^(Table|Queue|Topic) nowhere-[\w.-]+ is not at http:[^\n]+ in region us-east-1: correct AWS_REGION, SHOP[^\n]*[.]\n$/,
    );
  });

  test("against a closed port says which service does not answer where", async () => {
    const { code, stdout, stderr } = await run(verb, {
      ...aws.env,
      AWS_ENDPOINT_URL_DYNAMODB: gone,
      AWS_ENDPOINT_URL_SQS: gone,
    });
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

  test.each([
    ...verbs,
    ["trace", "01890a5d-ac96-774b-bcce-b302099a8057"],
    ["parked", "show", "order#1"],
    ["parked", "retry", "--all"],
    ["parked", "drop", "order#1", "--yes"],
    ["dead", "show", "order#1"],
  ])("%s %s %s says what is missing, or what it found", async (...verb) => {
    const { code, stderr } = await run(
      verb.filter((each) => each !== undefined),
      { ...aws.env, SHOP },
    );
    // Commands that need only what is there do their work.
    if (code === 0) return;
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^((Table|Queue|Topic) half-\d+-[\w.-]+ is not at http:|No(thing| dead letter) )[^\n]+[.]\n$/m,
    );
    expect(stderr).not.toMatch(/^ {4}at /m);
  });
});

test("endpoints that were asked and instances that left a heartbeat are two tables", async () => {
  const Item = { id: "i-1", startedAt: new Date().toISOString(), seenAt: new Date().toISOString(), expiresAt: 2 ** 40 };
  await shop.documents.send(new PutCommand({ TableName: shop.table("orders-instances"), Item }));
  const env = { ...aws.env, ORDERS_URL: gone };
  const { stdout } = await run(["status"], env);
  expect(stdout).toMatch(/^endpoint +url +answer *\norders +http:\/\/127\.0\.0\.1:1 +no answer *$/m);
  expect(stdout).toMatch(/^instance +id +lease +heartbeat *\norders +i-1 +alive +since /m);
  expect(JSON.parse((await run(["status", "--json"], env)).stdout)).toMatchObject({
    endpoints: [{ service: "orders", url: gone }],
    instances: [{ service: "orders", id: "i-1" }],
  });
});

test("services on this machine are asked directly, whatever proxy the environment names", async () => {
  const ready = createHttpServer((_request, response) => response.end()).listen(0, "127.0.0.1");
  await once(ready, "listening");
  onTestFinished(() => void ready.close());
  const url = `http://127.0.0.1:${(ready.address() as AddressInfo).port}`;
  const proxy = { HTTP_PROXY: gone, http_proxy: gone, HTTPS_PROXY: gone, https_proxy: gone, NODE_USE_ENV_PROXY: "1" };
  const { code, stdout } = await run(["status", "--json"], { ...aws.env, ...proxy, ORDERS_URL: url });
  expect(code).toBe(0);
  expect(JSON.parse(stdout).endpoints).toEqual([{ service: "orders", url, ready: true, detail: "ready" }]);
});
