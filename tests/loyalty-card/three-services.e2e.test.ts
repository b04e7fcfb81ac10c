import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type OpenShop, openShop } from "@doubleshot/dev-shop";
import { audit, shopOf, type Trace, trace } from "@doubleshot/operations";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runCommand } from "../../libs/cli/src/run-command.fixture.ts";
import { shop } from "./src/manifest.ts";

/*
 * The coffee shop with the loyalty card in it, as processes: no library knows of the third service.
 */
type Open = OpenShop<(typeof shop.services)[keyof typeof shop.services]>;
let open: Open;
let folder: string;
let orderIds: string[];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "loyalty-card-"));
  await writeFile(join(folder, "topology.json"), JSON.stringify(shop.topology));
  open = await openShop({
    shop,
    only: ["orders", "barista", "loyalty"],
    services: { loyalty: { env: { COFFEES_PER_CARD: "2" } } },
  });
  orderIds = [await servedOrder(), await servedOrder(), await servedOrder()];
});
afterAll(async () => {
  await open?.close();
  await rm(folder, { recursive: true, force: true });
});

const urlOf = (name: keyof Open["services"]): string => open.services[name][0]?.url ?? "";

/** Places an order under the name of Ada, and brews it. */
async function servedOrder(): Promise<string> {
  const init = { method: "POST", headers: { "content-type": "application/json" }, body: '{"name":"Ada"}' };
  const { id } = Object(await (await fetch(`${urlOf("orders")}/orders`, init)).json());
  expect((await fetch(`${urlOf("barista")}/start/?wait=60`)).status).toBe(200);
  expect((await fetch(`${urlOf("barista")}/finish/?order_id=${id}`, { method: "POST" })).status).toBe(200);
  return String(id);
}

/** The parsed output of `doubleshot <command> --json`, run as an operator does, with the shop's topology as a file. */
async function doubleshot(...command: string[]): Promise<Record<string, unknown>> {
  const { dynamodb, sqs } = open.aws.endpoints;
  const env = {
    ...{ AWS_REGION: "us-east-1", AWS_ACCESS_KEY_ID: "test", AWS_SECRET_ACCESS_KEY: "test" },
    ...{ AWS_ENDPOINT_URL_DYNAMODB: dynamodb, AWS_ENDPOINT_URL: sqs },
    ...{ TOPOLOGY: join(folder, "topology.json"), SHOP: shop.name, LOYALTY_URL: urlOf("loyalty") },
  };
  const { stdout } = await runCommand([...command, "--json"], env);
  return Object(JSON.parse(stdout));
}

test("a caller sees the card by HTTP", async () => {
  const card = async () => (await fetch(`${urlOf("loyalty")}/cards/Ada`)).json();
  await expect.poll(card).toEqual({ name: "Ada", coffees: 3, full_cards: 1 });
});

test("status shows the outbox, the queue and the process of the third service", async () => {
  const { outboxes, queues, endpoints } = await doubleshot("status");
  expect(outboxes).toContainEqual(expect.objectContaining({ outbox: "doubleshot-loyalty-outbox" }));
  expect(queues).toContainEqual(
    expect.objectContaining({ queue: "doubleshot-loyalty-subscriber.fifo", dead: 0, undelivered: 0 }),
  );
  expect(endpoints).toContainEqual(expect.objectContaining({ service: "loyalty", ready: true }));
});

/** The same as the command sees, without a process for each look. */
const seen = () => shopOf(shop.topology, shop.name, open.aws.clients);

test("trace follows an order into the third service, and to the event that it publishes", async () => {
  const full = await doubleshot("trace", await orderWith("CardFilled"));
  expect(full).toMatchObject({ status: { order: "COMPLETED", ticket: "FINISHED", visit: "COUNTED" } });
  const entries = Object(full).entries.map(
    ({ where, what, detail }: Record<string, string>) => `${where} ${what} ${detail}`,
  );
  for (const entry of [/^loyalty handled OrderPlaced/, /^loyalty handled BrewFinished/, /^loyalty event CardFilled/]) {
    expect(entries).toContainEqual(expect.stringMatching(entry));
  }
});

test("audit finds every event of the three services delivered", async () => {
  const undelivered = async () => (await audit(seen(), { committedBefore: Date.now() })).undelivered;
  await expect.poll(undelivered).toEqual([]);
  expect(await doubleshot("audit", "--older-than", "0s")).toMatchObject({ undelivered: [] });
});

/** The order that led to the event. The second order fills the card of two coffees, unless a later one was counted before it. */
async function orderWith(event: string): Promise<string> {
  let found: string | undefined;
  const isIn = (traced: Trace | undefined) => traced?.entries.some(({ detail }) => detail.startsWith(event)) === true;
  const look = async () => {
    const traces = await Promise.all(orderIds.map((id) => trace(seen(), id)));
    found = orderIds[traces.findIndex(isIn)];
    return found;
  };
  await expect.poll(look).toBeDefined();
  return found ?? "";
}
