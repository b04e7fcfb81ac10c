import { randomUUID } from "node:crypto";
import { statSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { DeleteMessageBatchCommand, SendMessageBatchCommand } from "@aws-sdk/client-sqs";
import { expect, test } from "vitest";
import { newFolder } from "../processes.fixture.ts";
import { startBareMessaging } from "./messaging.fixture.ts";

type Bare = Awaited<ReturnType<typeof startBareMessaging>>;

/** Sends, receives and deletes so many messages of 20 kB, ten at a time. */
async function pass({ clients, receive }: Bare, QueueUrl: string, count: number) {
  for (let first = 0; first < count; first += 10) {
    const Entries = Array.from({ length: 10 }, (_, index) => ({
      Id: String(index),
      MessageBody: "x".repeat(20_000),
      MessageGroupId: `group ${index}`,
      MessageDeduplicationId: randomUUID(),
    }));
    await clients.sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
    const received = await receive(QueueUrl);
    expect(received).toHaveLength(10);
    const handles = received.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }));
    await clients.sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries: handles }));
  }
}

test("deleted messages leave no rows, and the space of their file and its log is used again", async () => {
  const folder = newFolder();
  const messaging = await startBareMessaging(folder);
  const url = await messaging.queue("jobs.fifo");
  const size = (name: string) => statSync(join(folder, name)).size;
  await pass(messaging, url, 200);
  const [file, log] = [size("fauxqs.db"), size("fauxqs.db-wal")];
  await pass(messaging, url, 400);
  // SQLite empties the log into the file each 1,000 pages of 4 KiB.
  expect(log).toBeLessThan(5_000_000);
  expect(size("fauxqs.db-wal")).toBeLessThan(5_000_000);
  expect(size("fauxqs.db")).toBeLessThan(file + 500_000);
  const db = new DatabaseSync(join(folder, "fauxqs.db"));
  expect(db.prepare("SELECT count(*) AS rows FROM sqs_messages").get()?.rows).toBe(0);
  db.close();
});
