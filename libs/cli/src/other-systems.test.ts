import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type LocalAws, startLocalAws } from "@doubleshot/local-aws";
import { createOutbox, defineEvent } from "@doubleshot/messaging";
import { coffeeShop } from "@doubleshot/shop";
import { provision, type Topology } from "@doubleshot/topology";
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { runCommand } from "./run-command.fixture.ts";

// A system of another team, described by the file that TOPOLOGY names.

/** Under names that do not begin with a shop's: those of docs/adopting.md. */
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

let aws: LocalAws;
let file: string;
beforeAll(async () => {
  aws = await startLocalAws();
  file = join(await mkdtemp(join(tmpdir(), "topology-")), "topology.json");
  const page = await readFile(new URL("../../../docs/adopting.md", import.meta.url), "utf8");
  await writeFile(file, /```json\n([\s\S]*?)```/.exec(page)?.[1] ?? "");
  await provision({ topology: adopters, shop: "", clients: aws.clients });
});
afterAll(async () => {
  await aws?.close();
  await rm(join(file, ".."), { recursive: true, force: true });
});

const doubleshot = (...args: string[]) => runCommand(args, { ...aws.env, TOPOLOGY: file });

test("every command works on it", async () => {
  const { documents } = aws.clients;
  const tables = { outbox: "orders-outbox", inbox: "orders-inbox" };
  const Placed = defineEvent("OrderPlaced", { version: 1, schema: z.object({}) });
  const outbox = createOutbox({ client: documents, source: "/orders", tables });
  await outbox.commit({ aggregate: "order#42", version: 1, events: [Placed({})] });
  const audit = await doubleshot("audit", "--older-than", "0s", "--json");
  expect(audit.code).toBe(3);
  expect(JSON.parse(audit.stdout)).toMatchObject({ undelivered: [{ aggregate: "order#42", subscriber: "kitchen" }] });
  const replay = ["replay", "--from", "1h", "--queue", "kitchen.fifo", "--execute", "--json"];
  expect(JSON.parse((await doubleshot(...replay)).stdout)).toMatchObject({ events: 1 });
  const status = JSON.parse((await doubleshot("status", "--json")).stdout);
  expect(status).toMatchObject({ outboxes: [{ outbox: "orders-outbox" }], queues: [{ waiting: 1, dead: 0 }] });
  expect(await doubleshot("parked", "list")).toMatchObject({ code: 0, stdout: "Nothing is parked.\n" });
  expect(await doubleshot("dead", "list")).toMatchObject({ code: 0, stdout: "There are no dead letters.\n" });
});

test("trace needs services with traced aggregates", async () => {
  const { code, stderr } = await doubleshot("trace", "42");
  expect([code, stderr]).toEqual([1, expect.stringMatching(/^The topology names nothing to trace: .*\n$/)]);
});

test("a file that describes no topology is one sentence", async () => {
  const { code, stderr } = await runCommand(["status"], { ...aws.env, TOPOLOGY: "/nowhere.json" });
  expect([code, stderr]).toEqual([
    1,
    expect.stringMatching(/^TOPOLOGY is \/nowhere\.json, which cannot be read .*\n$/),
  ]);
  const empty = join(file, "../empty.json");
  await writeFile(empty, "{}");
  expect((await runCommand(["status"], { ...aws.env, TOPOLOGY: empty })).stderr).toMatch(
    /^TOPOLOGY is .*, which has no "queues".*\n$/,
  );
});
