import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { request } from "node:http";
import { coffeeShop } from "@doubleshot/shop";
import type { OrderJson } from "@doubleshot/whole-shop-tests/e2e/people.fixture.ts";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  baseOf,
  buildImages,
  type Container,
  containersOf,
  settingOfRun,
  sizeOf,
  statusOf,
  whenHealthy,
} from "./composed-shop.fixture.ts";
import { type Docker, startDocker } from "./docker-daemon.fixture.ts";
import { here, type Outside, startOutside } from "./outside.fixture.ts";
import { claimed, finished, serveAll, served, useToken } from "./people.fixture.ts";

// The whole shop in containers, from docker-compose.yml. The tests use one shop and follow each other.

const services = Object.values(coffeeShop.services);
const programs = [...services.map(({ name }) => name), "dynamodb-admin"];
const maxBytesOverBase = 80_000_000;

const started = new AsyncDisposableStack();
let docker: Docker;
let outside: Outside;
let openedMs = 0;
beforeAll(async () => {
  docker = started.use(await startDocker(settingOfRun("DOCKER_FOLDER")));
  outside = started.use(await startOutside());
  await buildImages(docker);
  const start = performance.now();
  await openShop();
  await takeToken();
  await serveAll([randomUUID()]);
  openedMs = performance.now() - start;
});
afterAll(() => started.disposeAsync());

/** A container that does not become healthy has the reason in its log. */
async function openShop(): Promise<void> {
  try {
    await docker.compose("up", "-d");
  } catch (error) {
    print(await docker.compose("logs", "--no-color", "--tail", "20"));
    throw error;
  }
}

/** Gives the baristas a token, by the command that the endpoint's container has for operators. */
async function takeToken(): Promise<void> {
  const command = ["/opt/doubleshot/run", "doubleshot.mjs", "token", "--role", "barista"];
  useToken((await docker.compose("exec", "-T", "endpoint", ...command)).trim());
}

const keys = (count: number) => Array.from({ length: count }, () => randomUUID());
const print = (line: string) => process.stdout.write(`  ${line}\n`);
const logOf = ({ Id }: Container) => docker.docker("logs", Id);

test("images are at most 80 MB larger than their bases", async () => {
  for (const name of [...programs, "endpoint", "proxy"]) {
    const base = `doubleshot-local/${name in baseOf ? baseOf[name as keyof typeof baseOf] : "node"}`;
    const over = (await sizeOf(docker, `doubleshot/${name}`)) - (await sizeOf(docker, base));
    print(`${name}: ${(over / 1e6).toFixed(1)} MB over ${base}`);
    // The endpoint has a Node of its own.
    if (name !== "endpoint") expect(over).toBeLessThan(maxBytesOverBase);
  }
});

test("docker compose up is all that a first order needs", () => {
  print(`docker compose up to the first order: ${(openedMs / 1_000).toFixed(1)} s`);
  expect(openedMs).toBeGreaterThan(0);
});

test("twenty customers are served through two instances of orders", async () => {
  const orders: Promise<OrderJson>[] = [];
  const ids: string[] = [];
  // One after another: nginx sends requests that arrive during one lookup of the name to one instance.
  for (const key of keys(20)) {
    orders.push(served(key));
    ids.push(...(await claimed(1)));
  }
  for (const id of ids) await finished(id);
  const answers = await Promise.all(orders);
  expect(answers.map(({ id, status }) => [id, status])).toEqual(ids.map((id) => [id, "COMPLETED"]));
  const instances = await containersOf(docker, "orders");
  expect(instances).toHaveLength(2);
  for (const instance of instances) expect(await logOf(instance)).toContain('"path":"/order/"');
});

test("the services see the address of the client, whatever header it sends", async () => {
  const [proxy] = await containersOf(docker, "proxy");
  const host = proxy?.NetworkSettings.Networks.doubleshot_front?.IPAddress;
  const headers = { "x-forwarded-for": "203.0.113.9", "x-correlation-id": "asked-from-outside" };
  const options = { host, port: coffeeShop.services.orders.port, path: "/orders/none", localAddress: here, headers };
  const [response] = await once(request(options).end(), "response");
  response.resume();
  const line = async () => (await docker.compose("logs", "--no-color", "orders")).match(/.*asked-from-outside.*/)?.[0];
  await expect.poll(line).toContain(`"address":"${here}"`);
});

test("another machine reaches neither the ports nor the services", async () => {
  const published = (await containersOf(docker)).flatMap(({ Name, NetworkSettings }) =>
    Object.values(NetworkSettings.Ports).flatMap((ports) => (ports ?? []).map((port) => ({ Name, ...port }))),
  );
  // Besides the services: the endpoint, dynamodb-admin and the collector's page.
  expect(published.length).toBe(services.length + 3);
  for (const { Name, HostIp } of published) expect([Name, HostIp]).toEqual([Name, "127.0.0.1"]);
  const inside = services.map(async ({ name, port }) => {
    const [container] = await containersOf(docker, name);
    return outside.connects(container?.NetworkSettings.Networks.doubleshot?.IPAddress ?? "", port);
  });
  const attempts = [...published.map(({ HostPort }) => outside.connects(here, Number(HostPort))), ...inside];
  // All at once, because each waits until its time is up.
  expect(await Promise.all(attempts)).toEqual(attempts.map(() => false));
});

test("the proxy keeps the metrics inside", async () => {
  for (const { port } of services) {
    expect((await fetch(`http://127.0.0.1:${port}/readyz`)).status).toBe(200);
    expect((await fetch(`http://127.0.0.1:${port}/metrics`)).status).toBe(404);
  }
});

test("a service reaches no other machine", async () => {
  const reaches = (name: string) =>
    docker.compose("exec", "-T", name, "node", "-e", outside.connectThere).then(
      () => true,
      () => false,
    );
  expect(await reaches("dynamodb-admin")).toBe(true);
  expect(await Promise.all(services.map(({ name }) => reaches(name)))).toEqual(services.map(() => false));
});

test("each process is PID 1, has no rights, and cannot write to its root", async () => {
  for (const container of await containersOf(docker, ...programs, "proxy")) {
    const { Id, Name, HostConfig } = container;
    const [uid] = (await statusOf(container, "Uid")).split("\t");
    expect([Name, Number(uid) > 0]).toEqual([Name, true]);
    expect([Name, await statusOf(container, "CapEff")]).toEqual([Name, "0000000000000000"]);
    expect([Name, await statusOf(container, "NoNewPrivs")]).toEqual([Name, "1"]);
    expect([Name, await statusOf(container, "Name")]).toEqual([
      Name,
      expect.stringMatching(/^(node|MainThread|nginx)$/),
    ]);
    expect(HostConfig.ReadonlyRootfs).toBe(true);
    const writes = docker.docker("exec", "-u", "0", Id, "sh", "-c", "echo no > /etc/written");
    await expect(writes).rejects.toThrow(/Read-only file system/);
  }
});

test("dynamodb-admin shows the tables", async () => {
  const page = await (await fetch("http://127.0.0.1:8001/")).text();
  for (const { uses } of services) for (const table of uses.tables) expect(page).toContain(`doubleshot-${table}`);
  expect((await fetch("http://127.0.0.1:8001/assets/css/bootstrap.min.css")).status).toBe(200);
});

test("services and relays send their spans to the collector that OTEL_EXPORTER_OTLP_ENDPOINT names", async () => {
  const [collector] = await containersOf(docker, "traces");
  const written = () => logOf(collector as Container);
  for (const { name, port } of services) {
    await (await fetch(`http://127.0.0.1:${port}/orders/none`)).text();
    await expect.poll(written).toMatch(new RegExp(`^${name}: `, "m"));
  }
  await expect.poll(written).toContain("orders: POST /order\n");
  await expect.poll(written).toContain("barista: process barista\n");
  await expect.poll(written).toContain("doubleshot-orders-outbox-relay: publish doubleshot-orders-events.fifo\n");
});

test("callers of a killed instance are served by another, and the instance comes back", async () => {
  const orders = Promise.all(keys(10).map(served));
  const ids = await claimed(10);
  const [killed] = await containersOf(docker, "orders");
  process.kill(killed?.State.Pid ?? 0, "SIGKILL");
  for (const id of ids) await finished(id);
  expect((await orders).map(({ id }) => id).sort()).toEqual(ids.sort());
  const again = async () => (await containersOf(docker, "orders")).find(({ Id }) => Id === killed?.Id)?.RestartCount;
  await expect.poll(again).toBe(1);
  await whenHealthy(docker, "orders", 2);
});

test("a third instance gets requests as soon as it is there", async () => {
  const before = await containersOf(docker, "orders");
  await docker.compose("up", "-d", "--no-recreate", "--scale", "orders=3", "orders");
  const after = await whenHealthy(docker, "orders", 3);
  const third = after.find(({ Id }) => !before.some((other) => other.Id === Id)) as Container;
  const asks = async () => {
    await (await fetch(`http://127.0.0.1:${coffeeShop.services.orders.port}/orders/none`)).text();
    return logOf(third);
  };
  await expect.poll(asks).toContain('"path":"/orders/none"');
});

test("an instance that stops loses no caller, and ends with 0", async () => {
  const orders = Promise.all(keys(9).map(served));
  const ids = await claimed(9);
  const [stopped] = await containersOf(docker, "orders");
  await docker.docker("stop", stopped?.Id ?? "");
  for (const id of ids) await finished(id);
  expect((await orders).map(({ id }) => id).sort()).toEqual(ids.sort());
  const [ended] = JSON.parse(await docker.docker("inspect", stopped?.Id ?? "")) as Container[];
  expect(ended?.State).toMatchObject({ Status: "exited", ExitCode: 0, OOMKilled: false });
  expect(await logOf(ended as Container)).toContain('"msg":"drained"');
});

test("the shop serves again after a restart of its endpoint", async () => {
  await docker.compose("restart", "endpoint");
  await whenHealthy(docker, "endpoint", 1);
  // The endpoint starts empty, so the keys are new as well.
  await takeToken();
  expect(await serveAll(keys(2))).toHaveLength(2);
});

test("a bad setting ends a container with one sentence", async () => {
  const run = (...settings: string[]) =>
    docker.docker("run", "--rm", ...settings.flatMap((each) => ["-e", each]), "doubleshot/orders");
  await expect(run("PORT=nonsense")).rejects.toThrow(/failed \(1\): PORT is "nonsense"; it must be [^|]+\.$/);
  await expect(run()).rejects.toThrow(/failed \(1\): AUTH_JWKS_URL is not set; [^|]+$/);
  const endpoint = [
    "AUTH_JWKS_URL=http://127.0.0.1:1/",
    "AWS_REGION=us-east-1",
    "AWS_ACCESS_KEY_ID=test",
    "AWS_SECRET_ACCESS_KEY=test",
    "AWS_ENDPOINT_URL=http://127.0.0.1:1",
  ];
  await expect(run(...endpoint)).rejects.toThrow(/ DynamoDB does not answer at http:\/\/127\.0\.0\.1:1: [^|]+$/);
});

test("every container ends with 0 when the shop closes", async () => {
  await docker.compose("stop");
  const ended = (await containersOf(docker)).map(({ Name, State }) => [Name, State.Status, State.ExitCode]);
  expect(ended.length).toBeGreaterThan(6);
  for (const [name, ...state] of ended) expect([name, ...state]).toEqual([name, "exited", 0]);
  await docker.compose("down", "--volumes");
  expect(await docker.docker("ps", "-aq")).toBe("");
});
