import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import { ScanCommand } from "@aws-sdk/lib-dynamodb";
import { openShop } from "@doubleshot/dev-shop";
import { audit, endpoints, instances, shopOf, trace } from "@doubleshot/operations";
import { coffeeShop } from "@doubleshot/shop";
import { expect, test } from "vitest";
import { eventually } from "../../../operations/src/test-shop.fixture.ts";
import { Terminal } from "../output/terminal.ts";
import { traceCommand } from "./trace.ts";

/** The output of a command. */
async function output(use: (terminal: Terminal) => Promise<void>): Promise<string> {
  const stdout = new PassThrough();
  const printed = text(stdout);
  await use(new Terminal({ stdin: process.stdin, stdout, stderr: process.stderr }));
  stdout.end();
  return printed;
}

const post = (url: string) => fetch(url, { method: "POST" });

test("the trace of a served order is complete, and in the order of time", async () => {
  await using open = await openShop({ only: ["orders", "barista"] });
  const shop = shopOf(coffeeShop.topology, "doubleshot", open.aws.clients);
  const [orders = "", barista = ""] = [open.services.orders[0]?.url, open.services.barista[0]?.url];
  const customer = post(`${orders}/order/`);
  const claim = async () => (await fetch(`${barista}/start/`)).status;
  await expect.poll(claim, eventually).toBe(200);
  const rows = await open.aws.clients.documents.send(
    new ScanCommand({ TableName: "doubleshot-barista", ConsistentRead: true }),
  );
  const id = String(rows.Items?.[0]?.id);
  await post(`${barista}/finish/?order_id=${id}`);
  expect((await customer).status).toBe(200);

  const found = await trace(shop, id);
  expect(found).toMatchObject({ status: { order: "COMPLETED", ticket: "FINISHED" }, undelivered: [] });
  const shown = (found?.entries ?? []).map(({ where, what, detail }) => `${where} ${what} ${detail.split(" ")[0]}`);
  const inTurn = [
    `orders commit order#${id}`,
    "orders event OrderPlaced",
    "barista-subscriber.fifo queued OrderPlaced",
    "barista handled OrderPlaced",
    "barista event BrewStarted",
    "barista event BrewFinished",
    "orders-subscriber.fifo queued BrewFinished",
    "orders handled BrewFinished",
  ];
  expect(shown.filter((entry) => inTurn.includes(entry))).toEqual(inTurn);
  const offsets = (found?.entries ?? []).map(({ offsetMs }) => offsetMs);
  expect(offsets).toEqual(offsets.toSorted((a, b) => a - b));

  expect((await audit(shop, { committedBefore: Date.now() + 1_000 })).undelivered).toEqual([]);
  expect(await endpoints({ orders, barista })).toContainEqual({
    service: "barista",
    url: barista,
    ready: true,
    detail: "ready",
  });
  expect((await instances(shop)).map(({ service, alive }) => [service, alive])).toContainEqual(["barista", true]);
  expect(await trace(shop, "no-such-order")).toBeUndefined();

  const upper = traceCommand.prepare([`ORDER#${id.toUpperCase()}`, "--json"]);
  if (upper === "help") throw new Error("The arguments ask for no help.");
  const printed = await output(async (terminal) => {
    await upper({ shop, services: {}, terminal, signal: AbortSignal.timeout(60_000) });
  });
  expect(JSON.parse(printed)).toEqual(JSON.parse(JSON.stringify(found)));
});
