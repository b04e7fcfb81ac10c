import { fileURLToPath } from "node:url";
import { PutCommand } from "@aws-sdk/lib-dynamodb";
import { type LocalAws, startLocalAws } from "@doubleshot/local-aws";
import { shopOf } from "@doubleshot/operations";
import { coffeeShop } from "@doubleshot/shop";
import { afterAll, beforeAll, expect, test } from "vitest";
import { eventually, TestShop } from "../../operations/src/test-shop.fixture.ts";
import { type Env, gone, runCommand } from "./run-command.fixture.ts";

// Each command from its arguments to its output, in a shop whose relay runs.

const relay = fileURLToPath(new URL("../../../lambdas/outbox/src/handler.ts", import.meta.url));

let aws: LocalAws;
let shop: TestShop;
beforeAll(async () => {
  aws = await startLocalAws({ topology: coffeeShop.topology, functions: { "orders-outbox-relay": { entry: relay } } });
  shop = new TestShop(shopOf(coffeeShop.topology, "doubleshot", aws.clients));
});
afterAll(() => aws?.close());

const run = (args: readonly string[], env: Env = {}) => runCommand(args, { ...aws.env, ...env });

/** A row that SNS refuses for ever. No commit writes one; an edit by hand can. */
async function commitPoison(aggregate: string, version: number): Promise<void> {
  const events = [{ id: crypto.randomUUID(), type: "OrderPlaced", json: "y".repeat(300_000) }];
  const Item = { aggregate, version, events, committedAt: new Date().toISOString() };
  await shop.documents.send(new PutCommand({ TableName: shop.table("orders-outbox"), Item }));
}

test("an audit that finds something exits with 3, and keeps its remarks off standard output", async () => {
  const Item = {
    aggregate: "ticket#lost",
    version: 1,
    events: [{ id: "e", type: "BrewFinished" }],
    committedAt: "2026-01-31T08:30:00.000Z",
  };
  await shop.documents.send(new PutCommand({ TableName: shop.table("barista-outbox"), Item }));
  const found = await run(["audit", "--json"]);
  expect(found.code).toBe(3);
  expect(JSON.parse(found.stdout).undelivered).toMatchObject([
    { aggregate: "ticket#lost", subscriber: "orders", held: "neither" },
  ]);
  expect(found.stderr).toMatch(
    /^Scanning doubleshot-orders-outbox: .*\nScanning doubleshot-barista-outbox: .*\nScanning doubleshot-customers-outbox: .*\nRead [\d.]+ read units?\.\n$/,
  );
  const handled = { message: "orders#e" };
  await shop.documents.send(new PutCommand({ TableName: shop.table("orders-inbox"), Item: handled }));
  expect(await run(["audit"])).toMatchObject({ code: 0, stdout: expect.stringMatching(/^All delivered: /) });
});

test("parked events are listed, shown, refused again, dropped, and the rest is published in order", async () => {
  await using bar = await shop.openBar();
  await shop.commit("order#1", 1, "a");
  await commitPoison("order#1", 2);
  await shop.commit("order#1", 3, "b");
  await shop.commit("order#2", 1, "other");
  // The index of markers, the marker, and two rows.
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
    stderr: expect.stringContaining("--yes"),
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

test("dead letters are listed, shown and redriven in order", async () => {
  let broken = true;
  await using bar = await shop.openBar((each) => {
    if (broken && each === "bad") throw new Error("no beans");
  });
  for (const [index, each] of ["a", "bad", "b"].entries()) await shop.commit("order#dead", index + 1, each);
  await expect.poll(() => shop.depth("barista-subscriber-dead.fifo"), eventually).toBe(2);
  const list = await run(["dead", "list"]);
  expect(list).toMatchObject({ code: 0, stdout: expect.stringMatching(/order#dead +OrderPlaced .*no beans/) });
  expect(list.stdout).toContain("1 more dead letter of barista behind these");
  // Letters that a command has read stay hidden for a second.
  await expect.poll(async () => (await run(["dead", "show", "order#dead"])).code, eventually).toBe(0);
  broken = false;
  const ofOrders = ["--subscriber", "orders"];
  expect(await run(["dead", "list", ...ofOrders])).toMatchObject({ code: 0, stdout: "There are no dead letters.\n" });
  expect(await run(["dead", "show", "order#dead", ...ofOrders])).toMatchObject({ code: 1, stdout: "" });
  expect(await run(["dead", "redrive", ...ofOrders])).toMatchObject({
    code: 0,
    stdout: "There was nothing to redrive.\n",
  });
  expect(await shop.depth("barista-subscriber-dead.fifo")).toBe(2);
  expect(await run(["dead", "redrive", "--subscriber", "barista", "--json"])).toMatchObject({ code: 0 });
  await expect.poll(() => bar.texts(), eventually).toEqual(["a", "bad", "b"]);
  expect(await run(["dead", "list"])).toMatchObject({ code: 0, stdout: "There are no dead letters.\n" });
});

test.each([["list"], ["show", "order#1"], ["redrive"]])(
  "dead %s refuses a subscriber that the shop does not have, and names those that it has",
  async (...verb) => {
    const { code, stdout, stderr } = await run(["dead", ...verb, "--subscriber", "bar"]);
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toMatch(/^--subscriber is "bar": the subscribers are (\w+, )*barista(, \w+)*\.\n$/);
  },
);

test("replay reports its plan, and sends only with --execute", async () => {
  await shop.commit("order#again", 1, "again");
  const [row] = (await shop.rows("orders-outbox")).filter(({ aggregate }) => aggregate === "order#again");
  const queue = "barista-subscriber.fifo";
  const range = ["--from", String(row?.committedAt), "--aggregate", "order#again", "--queue", queue];
  const args = ["replay", ...range, "--json"];
  await expect.poll(() => shop.depth(queue), eventually).toBe(1);
  const dry = await run(args);
  expect(JSON.parse(dry.stdout)).toMatchObject({ executed: false, outboxes: [{ rows: 1 }] });
  expect(await shop.depth(queue)).toBe(1);
  expect(JSON.parse((await run([...args, "--execute"])).stdout)).toMatchObject({ executed: true, events: 1 });
  expect(await shop.depth(queue)).toBe(2);
});

test("status has one table for endpoints and one for instances with a heartbeat", async () => {
  const Item = { id: "i-1", startedAt: new Date().toISOString(), seenAt: new Date().toISOString(), expiresAt: 2 ** 40 };
  await shop.documents.send(new PutCommand({ TableName: shop.table("orders-instances"), Item }));
  const { stdout } = await run(["status"], { ORDERS_URL: gone });
  expect(stdout).toMatch(/^endpoint +url +answer *\norders +http:\/\/127\.0\.0\.1:1 +no answer *$/m);
  expect(stdout).toMatch(/^instance +id +lease +heartbeat *\norders +i-1 +alive +since /m);
  expect(JSON.parse((await run(["status", "--json"], { ORDERS_URL: gone })).stdout)).toMatchObject({
    endpoints: [{ service: "orders", url: gone }],
    instances: [{ service: "orders", id: "i-1" }],
  });
});
