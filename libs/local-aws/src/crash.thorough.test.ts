import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { ReceiveMessageCommand, SendMessageCommand } from "@aws-sdk/client-sqs";
import { TransactWriteCommand } from "@aws-sdk/lib-dynamodb";
import { coffeeShop } from "@doubleshot/shop";
import { queueUrl } from "@doubleshot/topology";
import { expect, test } from "vitest";
import { startLocalAws } from "./local-aws.ts";
import { type AwsProcess, newFolder, startProcess } from "./processes.fixture.ts";

const entry = fileURLToPath(new URL("./functions/recording.fixture.ts", import.meta.url));

/** A durable embedded AWS whose function writes down its records; `start` after a kill finds the same ports. */
function durable() {
  const folder = newFolder();
  const RECORD = join(folder, "record");
  let ports: NodeJS.ProcessEnv = {};
  const start = async () => {
    const FUNCTIONS = JSON.stringify({ "orders-outbox-relay": { entry, env: { RECORD } } });
    const aws = await startProcess({ DATA: join(folder, "data"), FUNCTIONS, ...ports });
    const { dynamodb, sqs } = aws.endpoints;
    ports = { DYNAMODB_PORT: new URL(dynamodb).port, MESSAGING_PORT: new URL(sqs).port };
    return aws;
  };
  return { start, recorded: () => linesOf(RECORD) };
}

/** The whole lines of a file; none while there is no file. */
function linesOf(file: string): string[] {
  try {
    return readFileSync(file, "utf8").split("\n").slice(0, -1);
  } catch {
    return [];
  }
}

async function commit(aws: Pick<AwsProcess, "clients">, aggregate: string) {
  const Put = { TableName: "doubleshot-orders-outbox", Item: { aggregate, version: 1, events: [] } };
  await aws.clients.documents.send(new TransactWriteCommand({ TransactItems: [{ Put }] }));
}

async function kill(aws: AwsProcess) {
  aws.process.kill("SIGKILL");
  await aws.ended;
}

test("after kill -9 it carries on behind the last checkpoint, and has its messages", async () => {
  const { start, recorded } = durable();
  const first = await start();
  await commit(first, "order#1");
  await expect.poll(recorded).toEqual(["order#1"]);
  // The function has answered once the next record arrives, so the first one's checkpoint is on disk by then.
  await commit(first, "order#2");
  await expect.poll(recorded).toEqual(["order#1", "order#2"]);
  const QueueUrl = await queueUrl(first.clients, "doubleshot", "orders-outbox-failed");
  await first.clients.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: "kept" }));
  await kill(first);

  const second = await start();
  await commit(second, "order#3");
  await expect.poll(() => recorded().at(-1)).toBe("order#3");
  expect(recorded().filter((name) => name === "order#1")).toHaveLength(1);
  const receive = new ReceiveMessageCommand({
    QueueUrl: await queueUrl(second.clients, "doubleshot", "orders-outbox-failed"),
    WaitTimeSeconds: 5,
  });
  const { Messages = [] } = await second.clients.longPolls.send(receive);
  expect(Messages.map(({ Body }) => Body)).toEqual(["kept"]);
});

const lives = 4;

test("killed again and again under load, every acknowledged commit reaches the function, in order", async () => {
  const { start, recorded } = durable();
  const acknowledged: string[] = [];
  for (let life = 0; life < lives; life++) {
    const aws = await start();
    const writing = (async () => {
      for (let index = 0; ; index++) {
        const name = `order#${life}-${index}`;
        // The call during the kill fails, and may have been carried out or not.
        const done = await commit(aws, name).then(
          () => true,
          () => false,
        );
        if (!done) return;
        acknowledged.push(name);
      }
    })();
    const before = recorded().length;
    await expect.poll(() => recorded().length).toBeGreaterThan(before + 20);
    await kill(aws);
    aws.clients.destroy();
    await writing;
  }
  await start();
  await expect.poll(() => acknowledged.filter((name) => !recorded().includes(name))).toEqual([]);
  const firstSeen = [...new Set(recorded())].filter((name) => acknowledged.includes(name));
  expect(firstSeen).toEqual(acknowledged);
});

test("a function that is killed under load is started again and loses nothing", async () => {
  const RECORD = join(newFolder(), "record");
  const functions = { "orders-outbox-relay": { entry, env: { RECORD } } };
  await using aws = await startLocalAws({ topology: coffeeShop.topology, functions });
  const names = Array.from({ length: 60 }, (_, index) => `order#${index}`);
  for (const [index, name] of names.entries()) {
    await commit(aws, name);
    if (index === 20) process.kill(aws.pids.functions["orders-outbox-relay"] ?? 0, "SIGKILL");
  }
  await expect.poll(() => [...new Set(linesOf(RECORD))]).toEqual(names);
});
