import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { type LocalAws, startLocalAws } from "@doubleshot/local-aws";
import { coffeeShop, processRights, type Service } from "@doubleshot/shop";
import { physicalName } from "@doubleshot/topology";
import { afterAll, beforeAll, expect, test } from "vitest";
import { finish, order, start, until } from "./people.fixture.ts";
import { type RecordingProxy, startRecordingProxy, type UsedRight } from "./recording-proxy.fixture.ts";

// Every process calls AWS through a proxy of its own. On AWS its role would have to allow each of these calls.

const root = (path: string) => fileURLToPath(new URL(`../../../${path}`, import.meta.url));
const services: readonly Service[] = Object.values(coffeeShop.services);
const proxies = new Map<string, RecordingProxy>();
const processes: ChildProcess[] = [];
let aws: LocalAws;

beforeAll(async () => {
  const entry = root("lambdas/outbox/src/handler.ts");
  const functions = Object.fromEntries(Object.keys(coffeeShop.topology.mappings).map((name) => [name, { entry }]));
  aws = await startLocalAws({ topology: coffeeShop.topology, functions });
  for (const { name } of services) proxies.set(name, await startRecordingProxy(aws));
});
afterAll(async () => {
  for (const process of processes) process.kill("SIGKILL");
  for (const proxy of proxies.values()) await proxy[Symbol.asyncDispose]();
  await aws?.close();
});

/** Starts a process of the service, and returns its URL. */
async function open({ name, program }: Service, env: NodeJS.ProcessEnv = {}): Promise<string> {
  const child = spawn(process.execPath, [root(program)], {
    env: { ...process.env, ...proxies.get(name)?.env, PORT: "0", ...env },
    stdio: ["ignore", "pipe", "inherit"],
  });
  processes.push(child);
  for await (const line of createInterface({ input: child.stdout })) {
    const { msg, url } = Object(line.startsWith("{") ? JSON.parse(line) : undefined);
    if (msg !== "listening") continue;
    // Output that is not read stops the process when the pipe is full.
    child.stdout.resume();
    return url;
  }
  throw new Error(`${name} has ended with ${child.exitCode}.`);
}

/** Whether a right of the service allows this use. */
function isAllowed(service: Service, used: UsedRight): boolean {
  const [action = "", resource = ""] = used.split(" ");
  const arns = {
    table: (name: string) => `table:${physicalName(coffeeShop.name, name)}`,
    queue: (name: string) => `queue:${physicalName(coffeeShop.name, name)}`,
  };
  return processRights(service, arns).some(
    ({ actions, resources }) => actions.includes(action) && resources.some((each) => covers(each, resource)),
  );
}

const covers = (pattern: string, resource: string): boolean =>
  pattern.endsWith("*") ? resource.startsWith(pattern.slice(0, -1)) : resource === pattern;

/** Places, lists, follows, cancels and serves orders, by two instances, one of which only waits. */
async function ordinaryBusiness({ orders, waiting, bar }: Readonly<Record<"orders" | "waiting" | "bar", string>>) {
  const key = crypto.randomUUID();
  const counter = [order(waiting, "Ada", { key }), order(orders, "Grace")];
  const post = (path: string, body?: object) =>
    fetch(path, {
      method: "POST",
      ...(body && { headers: { "content-type": "application/json" }, body: JSON.stringify(body) }),
    });
  const { claim_token, order_id } = await start(bar);
  const claim = `${bar}/claims/${order_id}`;
  await post(`${claim}/heartbeat`, { claim_token });
  await post(`${claim}/release`, { claim_token });
  for (const _ of counter) await finish(bar, (await start(bar)).order_id);
  expect((await Promise.all(counter)).map(({ status }) => status)).toEqual([200, 200]);
  expect((await order(orders, "Ada", { key })).status).toBe(200);
  const { id } = (await (await post(`${orders}/orders`, { name: "Barbara" })).json()) as { id: string };
  await post(`${orders}/orders/${id}/cancel`);
  await expect
    .poll(async () => Object(await (await fetch(`${orders}/orders/${id}`)).json()).status, until)
    .toBe("CANCELLED");
  for (const page of [`${orders}/orders`, `${bar}/tickets`, `${bar}/metrics`]) {
    expect((await fetch(page)).status).toBe(200);
  }
}

test("the rights that a manifest gives a process allow every call that it makes", async () => {
  for (const service of services.filter(({ name }) => !["orders", "barista"].includes(name))) await open(service);
  const urls = {
    orders: await open(coffeeShop.services.orders),
    waiting: await open(coffeeShop.services.orders, { CONSUME: "off" }),
    bar: await open(coffeeShop.services.barista),
  };
  await ordinaryBusiness(urls);
  const ended = processes.map((process) => once(process, "exit"));
  for (const process of processes) process.kill("SIGTERM");
  await Promise.all(ended);
  for (const service of services) {
    const used = [...(proxies.get(service.name)?.used ?? [])].toSorted();
    expect(used.length).toBeGreaterThanOrEqual(service.uses.tables.length);
    expect(used.filter((right) => !isAllowed(service, right))).toEqual([]);
  }
});

test("a call to another service's table is not allowed, nor is one that no list has", () => {
  const { orders, barista } = coffeeShop.services;
  const table = physicalName(coffeeShop.name, "orders");
  expect(isAllowed(orders, `dynamodb:PutItem table:${table}`)).toBe(true);
  expect(isAllowed(barista, `dynamodb:PutItem table:${table}`)).toBe(false);
  expect(isAllowed(orders, `dynamodb:DeleteTable table:${table}`)).toBe(false);
  expect(isAllowed(orders, `sqs:SendMessage queue:${physicalName(coffeeShop.name, "orders-hints-1")}`)).toBe(true);
  expect(isAllowed(orders, `sqs:SendMessage queue:${physicalName(coffeeShop.name, "barista-hints-1")}`)).toBe(false);
});
