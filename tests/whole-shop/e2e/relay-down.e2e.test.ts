import { InProcessShop } from "@doubleshot/bench/in-process-shop";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runCommand } from "../../../libs/cli/src/run-command.fixture.ts";

/*
 * The relay was down for longer than the stream keeps its records, as docs/operations.md describes it: the outbox still has the events, and
 * a replay brings them to the bar. The relay that works again sends those that the stream still has a second time.
 */

let shop: InProcessShop;
const urls = { counter: "", bar: "" };

beforeAll(async () => {
  shop = await InProcessShop.open();
  urls.bar = await shop.start("barista");
  urls.counter = await shop.start("orders");
});
afterAll(() => shop?.[Symbol.asyncDispose]());

const doubleshot = (...args: string[]) => runCommand(args, { ...shop.aws.env, SHOP: "doubleshot" });

async function order(): Promise<string> {
  const headers = { Prefer: "respond-async" };
  const answer = await fetch(`${urls.counter}/orders`, { method: "POST", headers });
  expect(answer.status).toBe(202);
  return ((await answer.json()) as { id: string }).id;
}

const statusOf = async (id: string) =>
  ((await (await fetch(`${urls.counter}/orders/${id}`)).json()) as { status: string }).status;

async function brewed(): Promise<string> {
  const claimed = await fetch(`${urls.bar}/start/?wait=60`);
  expect(claimed.status).toBe(200);
  const { order_id: id } = (await claimed.json()) as { order_id: string };
  await fetch(`${urls.bar}/finish/?order_id=${id}`, { method: "POST" });
  return id;
}

test("a replay serves the orders of a relay that was down, and the relay that works again serves none twice", async () => {
  shop.relaysWork = false;
  const ids = [await order(), await order(), await order()];

  const lost = await doubleshot("audit", "--older-than", "0s");
  expect(lost).toMatchObject({ code: 3, stdout: expect.stringMatching(/OrderPlaced .*barista +neither/) });
  const planned = await doubleshot("replay", "--from", "31h", "--rate", "500");
  expect(planned).toMatchObject({ code: 0, stdout: expect.stringContaining("3 rows would go to all subscribers") });
  const sent = await doubleshot("replay", "--from", "31h", "--rate", "500", "--execute");
  expect(sent).toMatchObject({ code: 0, stdout: expect.stringContaining("Sent 3 events") });

  expect([await brewed(), await brewed(), await brewed()].toSorted()).toEqual(ids.toSorted());
  shop.relaysWork = true;
  for (const id of ids) await expect.poll(() => statusOf(id)).toBe("COMPLETED");
  await expect.poll(async () => (await doubleshot("audit", "--older-than", "0s")).code).toBe(0);
  expect((await fetch(`${urls.bar}/start/`)).status).toBe(204);
});
