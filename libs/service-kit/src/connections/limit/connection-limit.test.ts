import { once } from "node:events";
import { createServer } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import type { Response } from "express";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { eventually, openApp } from "../../app.fixture.ts";
import type { TrustProxy } from "../../callers/index.ts";
import { RawClient } from "../../raw-client.fixture.ts";
import { connectionBounds } from "../descriptor-limit.ts";
import { ConnectionLimit } from "./connection-limit.ts";

/** A service that listens on all addresses of this machine, and clients at two of them. */
async function openSmall({
  trustProxy = false,
  ...options
}: {
  max: number;
  maxForProbes: number;
  trustProxy?: TrustProxy;
}) {
  const waited: Response[] = [];
  const app = await openApp(
    (app) => {
      app.get("/wait", (_request, response) => void waited.push(response));
    },
    { connections: options, host: "::", trustProxy },
  );
  onTestFinished(() => app[Symbol.asyncDispose]());
  const get = (path: string, ...headers: string[]) =>
    new RawClient(app.port).send([`GET ${path} HTTP/1.1`, "Host: x", ...headers]).reading();
  const getFromElsewhere = (path: string) =>
    new RawClient(app.port, "::1").send([`GET ${path} HTTP/1.1`, "Host: x"]).reading();
  /** As many clients as there may be, who wait. */
  const fill = async () => {
    const clients = Array.from({ length: options.max }, () => get("/wait"));
    // Connections are taken in the order in which they were made.
    await Promise.all(clients.map(({ socket }) => once(socket, "connect")));
    return clients;
  };
  const lines = () => app.lines.filter(({ openFiles }) => openFiles !== undefined);
  return { get, getFromElsewhere, fill, lines, waited, port: app.port };
}

describe("a service with all the connections it may have", () => {
  test("answers probes, refuses other requests of the same address with a 503, and logs it once", async () => {
    const { get, fill, lines } = await openSmall({ max: 4, maxForProbes: 2 });
    await fill();
    for (const path of ["/livez", "/readyz?x"]) expect(await get(path).ended()).toMatch(/^HTTP\/1\.1 200 [\s\S]*close/);
    const refused = await get("/wait").ended();
    expect(refused).toMatch(/^HTTP\/1\.1 503 [\s\S]*Retry-After: 5[\s\S]*"status":503/);
    expect(lines()).toMatchObject([{ level: "warn", connections: 4, msg: expect.stringContaining("ulimit -n") }]);
  });

  test("logs it again after half of the connections had left", async () => {
    const { get, fill, lines, waited } = await openSmall({ max: 4, maxForProbes: 2 });
    for (const times of [1, 2]) {
      const waiting = await fill();
      await eventually(() => (waited.length === 4 * times ? true : undefined));
      expect(await get("/nowhere").ended()).toMatch(/^HTTP\/1\.1 503 /);
      expect(await get("/nowhere").ended()).toMatch(/^HTTP\/1\.1 503 /);
      expect(lines()).toHaveLength(times);
      for (const { socket } of waiting) socket.destroy();
      await eventually(() => (waited.every(({ closed }) => closed) ? true : undefined));
    }
  });

  test("answers probes though silent connections keep coming", async () => {
    const { get, fill, port } = await openSmall({ max: 2, maxForProbes: 2 });
    const waiting = await fill();
    const silent = Array.from({ length: 6 }, () => new RawClient(port).reading());
    await eventually(() => (silent.slice(0, 4).every(({ isClosed }) => isClosed) ? true : undefined));
    expect(silent.slice(4).some(({ isClosed }) => isClosed)).toBe(false);
    expect(await get("/livez").ended()).toMatch(/^HTTP\/1\.1 200 /);
    expect(waiting.every(({ isClosed }) => !isClosed)).toBe(true);
  });

  test("takes a new one in place of an idle one", async () => {
    const { get, lines } = await openSmall({ max: 2, maxForProbes: 2 });
    const idle = get("/livez");
    await idle.got("200 OK");
    const waiting = get("/wait");
    await once(waiting.socket, "connect");
    expect(await get("/nowhere", "Connection: close").ended()).toMatch(/^HTTP\/1\.1 404 /);
    await eventually(() => (idle.isClosed ? true : undefined));
    expect([waiting.isClosed, lines().length]).toEqual([false, 1]);
  });
});

describe("an address that has all the connections", () => {
  test("gives its oldest to another address, until the other has nearly as many", async () => {
    const { get, getFromElsewhere, fill } = await openSmall({ max: 4, maxForProbes: 2 });
    const waiting = await fill();
    const others = [getFromElsewhere("/wait"), getFromElsewhere("/nowhere")];
    await others[1]?.got("404 Not Found");
    await eventually(() => (waiting.slice(0, 2).every(({ isClosed }) => isClosed) ? true : undefined));
    expect(await get("/nowhere").ended()).toMatch(/^HTTP\/1\.1 503 /);
    expect([...waiting.slice(2), ...others].some(({ isClosed }) => isClosed)).toBe(false);
  });

  test.each<[string, TrustProxy]>([
    ["by its network", ["127.0.0.0/8"]],
    ["by the number of proxies", 1],
  ])("keeps them all if it is a trusted proxy, %s", async (_, trustProxy) => {
    const { getFromElsewhere, fill } = await openSmall({ max: 4, maxForProbes: 2, trustProxy });
    const waiting = await fill();
    expect(await getFromElsewhere("/nowhere").ended()).toMatch(/^HTTP\/1\.1 503 /);
    expect(waiting.some(({ isClosed }) => isClosed)).toBe(false);
  });

  test("gives its oldest to a trusted proxy, which keeps more than its share", async () => {
    const { get, getFromElsewhere, fill } = await openSmall({ max: 4, maxForProbes: 2, trustProxy: ["::1"] });
    const waiting = await fill();
    const proxied = Array.from({ length: 4 }, () => getFromElsewhere("/wait"));
    await eventually(() => (waiting.every(({ isClosed }) => isClosed) ? true : undefined));
    expect(await get("/nowhere").ended()).toMatch(/^HTTP\/1\.1 503 /);
    expect(proxied.some(({ isClosed }) => isClosed)).toBe(false);
  });
});

test.each([
  [4, 1, 1],
  [4, ["loopback"], 1],
  [3, 1, 0],
  [4, false, 0],
])(
  "with 4 connections, %d requests that may wait and TRUST_PROXY %j, the start logs %d lines",
  async (maxLongRequests, trustProxy, lines) => {
    const app = await openApp(() => {}, { connections: { max: 4, maxForProbes: 2 }, maxLongRequests, trustProxy });
    onTestFinished(() => app[Symbol.asyncDispose]());
    const logged = app.lines.filter(({ longRequests }) => longRequests !== undefined);
    expect(logged).toHaveLength(lines);
    for (const line of logged)
      expect(line).toMatchObject({ level: "warn", msg: expect.stringContaining("MAX_WAITING") });
  },
);

test("a connection for probes is closed after 5 s, whatever it sends", async () => {
  // No timeouts of Node's own, which would close a silent connection, too.
  const server = createServer({ headersTimeout: 0, requestTimeout: 0 });
  new ConnectionLimit(server, { max: 0, maxForProbes: 1, limit: 8 });
  await once(server.listen(0, "127.0.0.1"), "listening");
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  const client = connect((server.address() as AddressInfo).port, "127.0.0.1").on("error", () => {});
  onTestFinished(() => {
    vi.useRealTimers();
    client.destroy();
    server.close();
  });
  const [socket] = (await once(server, "connection")) as [Socket];
  vi.advanceTimersByTime(4_999);
  expect(socket.destroyed).toBe(false);
  vi.advanceTimersByTime(1);
  expect(socket.destroyed).toBe(true);
});

test.each([
  [64, { max: 24, maxForProbes: 8 }],
  [256, { max: 96, maxForProbes: 32 }],
  [1_024, { max: 704, maxForProbes: 64 }],
  [20_000, { max: 18_912, maxForProbes: 64 }],
  [Number.POSITIVE_INFINITY, { max: Number.POSITIVE_INFINITY, maxForProbes: 0 }],
])("of %d open files, so many may be connections", (limit, bounds) => {
  expect(connectionBounds(limit)).toEqual(bounds);
});

test.each([
  [64, { max: 12, maxForProbes: 8 }],
  [1_024, { max: 352, maxForProbes: 64 }],
  [Number.POSITIVE_INFINITY, { max: Number.POSITIVE_INFINITY, maxForProbes: 0 }],
])("of %d open files, half as many may be connections that take two", (limit, bounds) => {
  expect(connectionBounds(limit, 2)).toEqual(bounds);
});
