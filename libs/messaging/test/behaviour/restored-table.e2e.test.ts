import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { DeleteCommand, GetCommand, PutCommand } from "@aws-sdk/lib-dynamodb";
import { type LocalAws, startLocalAws } from "@doubleshot/local-aws";
import { coffeeShop } from "@doubleshot/shop";
import { physicalName } from "@doubleshot/topology";
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { createOutbox, defineEvent, OutboxAheadError } from "../../src/index.ts";

// Runs the program of docs/operations.md on a table with the items of a backup.

const Changed = defineEvent("Changed", { version: 1, schema: z.object({}) });
const table = physicalName("doubleshot", "orders");
const tables = {
  outbox: physicalName("doubleshot", "orders-outbox"),
  inbox: physicalName("doubleshot", "orders-inbox"),
};

let aws: LocalAws;
let folder: string;
beforeAll(async () => {
  aws = await startLocalAws({ topology: coffeeShop.topology });
  folder = await mkdtemp(join(tmpdir(), "restored-table-"));
  await symlink(fileURLToPath(new URL("../../../../node_modules", import.meta.url)), join(folder, "node_modules"));
  await writeFile(join(folder, "package.json"), JSON.stringify({ type: "module" }));
  await writeFile(join(folder, "raise-versions.ts"), await programOnPage());
});
afterAll(async () => {
  await aws?.close();
  if (folder) await rm(folder, { recursive: true, force: true });
});

async function programOnPage(): Promise<string> {
  const page = await readFile(new URL("../../../../docs/operations.md", import.meta.url), "utf8");
  const [, program] = /```ts\n(\/\/ raise-versions\.ts: [\s\S]*?)```/.exec(page) ?? [];
  expect(page).toContain(`node raise-versions.ts order ${table} ${tables.outbox}\n`);
  return program ?? "";
}

async function raiseVersions(): Promise<string> {
  const env = {
    AWS_ENDPOINT_URL_DYNAMODB: aws.endpoints.dynamodb,
    AWS_REGION: "us-east-1",
    AWS_ACCESS_KEY_ID: "test",
    AWS_SECRET_ACCESS_KEY: "test",
  };
  const args = [join(folder, "raise-versions.ts"), "order", table, tables.outbox];
  const { stdout } = await promisify(execFile)(process.execPath, args, { env });
  return stdout.trim();
}

const commit = (id: string, expected: number) =>
  createOutbox({ client: aws.clients.documents, source: "/orders", tables }).commit({
    aggregate: `order#${id}`,
    save: { table, key: { id }, item: { from: "a commit" }, expected },
    events: [Changed({})],
  });
const put = (item: object) => aws.clients.documents.send(new PutCommand({ TableName: table, Item: { ...item } }));
const stored = async (id: string) =>
  (await aws.clients.documents.send(new GetCommand({ TableName: table, Key: { id }, ConsistentRead: true }))).Item;

test("a restored table's items are raised to the outbox's versions, and can be committed again", async () => {
  for (const expected of [0, 1, 2]) await commit("older", expected);
  await commit("same", 0);
  for (const expected of [0, 1]) await commit("since", expected);

  await put({ id: "older", version: 1, from: "the backup" });
  await aws.clients.documents.send(new DeleteCommand({ TableName: table, Key: { id: "since" } }));
  await put({ id: "silent", version: 5, from: "the backup" });
  await expect(commit("older", 1)).rejects.toThrow(OutboxAheadError);

  expect(await raiseVersions()).toBe(`Raised 1 of 3 items that ${tables.outbox} has news of.`);
  expect(await stored("older")).toEqual({ id: "older", version: 3, from: "the backup" });
  expect(await stored("same")).toMatchObject({ version: 1 });
  expect(await stored("silent")).toMatchObject({ version: 5 });
  expect(await stored("since")).toBeUndefined();
  expect(await commit("older", 3)).toEqual({ outcome: "committed", version: 4 });

  await put({ id: "since", version: 1, from: "a replay" });
  expect(await raiseVersions()).toBe(`Raised 1 of 3 items that ${tables.outbox} has news of.`);
  expect(await commit("since", 2)).toEqual({ outcome: "committed", version: 3 });
  expect(await raiseVersions()).toBe(`Raised 0 of 3 items that ${tables.outbox} has news of.`);
});
