import { SendMessageCommand } from "@aws-sdk/client-sqs";
import { PutCommand } from "@aws-sdk/lib-dynamodb";
import { queueUrl } from "@doubleshot/topology";
import type { Locator, Page } from "playwright-core";
import { expect } from "vitest";
import { browserTest, useBrowser } from "./browser.fixture.ts";
import { brewNext, order, orderId, placed, ready } from "./people.fixture.ts";

// Parked events and dead letters in the engine room, made as a bug would make them: each is shown, sent again, and dropped.

const { open, shop } = useBrowser(() => ({ faults: true }));

const button = (place: Page | Locator, name: string) => place.getByRole("button", { name, exact: true });
const section = (page: Page) => page.getByRole("region", { name: "Parked and dead" });
const item = (page: Page, text: string) => section(page).getByRole("listitem").filter({ hasText: text });
const said = (page: Page) => section(page).getByRole("status");
const question = (page: Page) => page.getByRole("dialog").locator("p").innerText();

/** Presses the button, reads its question, and answers no: nothing may have happened. Then the same with a yes. */
async function actOn(page: Page, place: Locator, { name, asks }: { name: string; asks: RegExp }): Promise<void> {
  const before = await said(page).innerText();
  await button(place, name).click();
  expect(await question(page)).toMatch(asks);
  await button(page.getByRole("dialog"), "Do nothing").click();
  await place.waitFor();
  expect(await said(page).innerText()).toBe(before);
  await button(place, name).click();
  await button(page.getByRole("dialog"), name).click();
}

/** Reads the lists until they have this. A letter that somebody has just read is hidden for a second. */
const listed = (page: Page, text: string) =>
  expect
    .poll(async () => {
      await button(section(page), "Read the lists again").click();
      return section(page).innerText();
    })
    .toContain(text);

/** A message of the aggregate that is no event, as another producer of the queue might send it. */
async function sendUnreadable(aggregate: string): Promise<void> {
  const { aws, shopName } = shop();
  await aws.clients.sqs.send(
    new SendMessageCommand({
      QueueUrl: await queueUrl(aws.clients, shopName, "barista-subscriber.fifo"),
      MessageBody: "no event at all",
      MessageGroupId: aggregate,
      MessageDeduplicationId: crypto.randomUUID(),
    }),
  );
}

const unreadable = "An unreadable message: given up by barista";

browserTest("a dead letter is shown, fails again when it is sent back, and is dropped", async () => {
  await using engine = await open("/engine");
  const { page } = engine;
  await sendUnreadable("order#bad");
  const letter = item(page, unreadable);
  await letter.getByText(/UnreadableMessageError/).waitFor();
  await letter.getByText("Show", { exact: true }).click();
  expect(await letter.locator("pre").innerText()).toBe("no event at all");
  await actOn(page, letter, { name: "Redrive", asks: /^Send all dead letters of order#bad back to their subscriber/ });
  await said(page)
    .getByText(/order#bad.*1 sent back/)
    .waitFor();
  await listed(page, unreadable);
  await actOn(page, letter, { name: "Drop", asks: /^Delete this message for good, and send the other letters of / });
  const outcome = "order#bad: 0 sent back, 1 deleted.";
  await said(page).getByText(outcome).waitFor();
  await page.getByText("Nothing is parked, and nothing is dead.").waitFor();
  // The lists are read again when the pipeline has counted less, and the outcome is still there to be read.
  await page.locator(".stage.trouble").waitFor({ state: "detached" });
  await expect.poll(() => said(page).innerText()).toBe(outcome);
  expect(engine.complaints).toEqual([]);
});

browserTest("an order behind a dead letter is brewed when that is dropped", async () => {
  await using engine = await open("/engine");
  await using customer = await open("/");
  await using bar = await open("/bar");
  const { page } = engine;
  await button(page, "Stop the relays").click();
  await page.getByText("Stopped: events wait in the stream.").waitFor();
  await order(customer.page);
  await placed(customer.page);
  const id = await orderId(customer.page);
  await sendUnreadable(`order#${id}`);
  await item(page, unreadable).waitFor();
  await button(page, "Start the relays").click();
  await listed(page, "1 more letter of barista: behind these, or with another reader.");
  await actOn(page, item(page, unreadable), {
    name: "Drop",
    asks: new RegExp(`send the other letters of order#${id} back`),
  });
  await said(page).getByText(`order#${id}: 1 sent back, 1 deleted.`).waitFor();
  await brewNext(bar.page);
  await ready(customer.page);
  for (const { complaints } of [engine, customer, bar]) expect(complaints).toEqual([]);
});

const outboxRow = (aggregate: string, json: string) => ({
  aggregate,
  version: 1,
  events: [{ id: crypto.randomUUID(), type: "OrderPlaced", json }],
  committedAt: new Date().toISOString(),
});

const put = async (table: string, Item: Record<string, unknown>) => {
  const { aws, shopName } = shop();
  await aws.clients.documents.send(new PutCommand({ TableName: `${shopName}-${table}`, Item }));
};

browserTest("an event that SNS refuses is parked, shown, refused again, and dropped", async () => {
  await using engine = await open("/engine");
  const { page } = engine;
  // Longer than any message. No commit writes such a row; an edit by hand can.
  await put("orders-outbox", outboxRow("order#large", "y".repeat(300_000)));
  const parked = item(page, "order#large: 1 row parked");
  await parked.waitFor();
  await parked.getByText("Show", { exact: true }).click();
  await parked.getByText("Version 1", { exact: true }).waitFor();
  expect(await parked.locator("pre").innerText()).toMatch(/^OrderPlaced /);
  await actOn(page, parked, { name: "Retry", asks: /^Publish everything of order#large that is parked, in order\?$/ });
  await said(page)
    .getByText(/^order#large stays parked\. /)
    .waitFor();
  await actOn(page, parked, { name: "Drop", asks: /^Delete version 1 of order#large for good\?/ });
  await said(page).getByText("The last row of order#large is deleted, and it is released.").waitFor();
  await page.getByText("Nothing is parked, and nothing is dead.").waitFor();
  expect(engine.complaints).toEqual([]);
});

browserTest("a parked row that SNS takes is published by a retry", async () => {
  const parkedAt = new Date().toISOString();
  const reason = { code: "InvalidParameter", message: "Message too long" };
  await put("orders-parked", { aggregate: "order#repaired", version: 0, upTo: 1, since: parkedAt });
  await put("orders-parked", { aggregate: "order#repaired", version: 1, reason, parkedAt, events: [] });
  await using engine = await open("/engine");
  const parked = item(engine.page, "order#repaired");
  await parked.getByText("InvalidParameter: Message too long").waitFor();
  await actOn(engine.page, parked, { name: "Retry", asks: /order#repaired/ });
  await said(engine.page).getByText("order#repaired is published and released.").waitFor();
  await engine.page.getByText("Nothing is parked, and nothing is dead.").waitFor();
});
