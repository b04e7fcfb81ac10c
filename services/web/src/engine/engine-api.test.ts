import { once } from "node:events";
import { type IncomingMessage, request } from "node:http";
import { PutCommand } from "@aws-sdk/lib-dynamodb";
import { shopOf } from "@doubleshot/operations";
import { useIssuer, useLocalAws, useService } from "@doubleshot/service-host/testing";
import { serveHttp } from "@doubleshot/service-kit/testing";
import { coffeeShop } from "@doubleshot/shop";
import { describe, expect, test } from "vitest";
import { eventually, TestShop } from "../../../../libs/operations/src/test-shop.fixture.ts";
import { preparePages } from "../pages/pages-folder.ts";
import { webService } from "../service.ts";

await preparePages();
const here = useService({ ...coffeeShop.services.web, topology: coffeeShop.topology }, webService, useLocalAws());
const issuer = useIssuer();

/** A server that stands in for another process; it records its requests and responds with the text. */
async function serve(text: string) {
  const requests: { readonly line: string; readonly host: string; readonly origin: string; readonly body: string }[] =
    [];
  const url = await serveHttp(async (request, response) => {
    const body = Buffer.concat(await request.toArray()).toString();
    const { host = "", origin = "" } = request.headers;
    requests.push({ line: `${request.method} ${request.url}`, host, origin, body });
    response.writeHead(200, { "content-type": "application/json" }).end(text);
  });
  return { url, requests };
}

/** The engine room of a shop whose services are this server, and the rows of the shop. */
async function open(env: NodeJS.ProcessEnv = {}) {
  const metrics = await serve(
    'subscriber_process_duration_seconds_count{subscriber="a",outcome="duplicate"} 2\norders_waiting 3\n',
  );
  const urls = { ORDERS_URL: metrics.url, BARISTA_URL: metrics.url, CUSTOMERS_URL: metrics.url };
  const { url } = await here.start({ ...urls, ...env });
  const { name, clients } = here.shop;
  const call = async (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) => {
    const type = { "content-type": "application/json" };
    const response = await fetch(`${url}${path}`, {
      method,
      headers: { ...(body !== undefined && type), ...headers },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    // The tests check the answers themselves.
    return { status: response.status, json: (text === "" ? undefined : JSON.parse(text)) as Record<string, unknown> };
  };
  return { url, call, rows: new TestShop(shopOf(coffeeShop.topology, name, clients)) };
}

test("the pipeline has its figures from metrics, queues and tables", async () => {
  const { call, rows } = await open();
  await rows.commit("order#0198", 1, "a");
  await rows.send("barista-subscriber.fifo", "0198", "{}");
  const read = async () => (await call("GET", "/engine/pipeline")).json;
  await expect.poll(async () => (await read()).outboxes, eventually).not.toEqual([]);
  expect(await read()).toMatchObject({
    stages: shopStages.map((stage) => ({ stage })),
    outboxes: expect.arrayContaining([expect.objectContaining({ rows: 1, under_way: 1 })]),
    queues: expect.arrayContaining([{ subscriber: "barista", waiting: 1, in_hand: 0, dead: 0, undelivered: 0 }]),
    deliveries: { handled: 0, duplicates: 6 },
    inspector: null,
    faults: false,
    services: [],
  });
});

const shopStages = ["commit", "outbox", "stream", "relay", "topic", "queues", "inboxes", "waiters"];

test("points that the reader has are not sent again", async () => {
  const { call } = await open();
  const { points } = (await call("GET", "/engine/pipeline")).json as { points: { at: number; waiting: number }[] };
  expect(points.map(({ waiting }) => waiting)).toEqual([9]);
  const later = (await call("GET", `/engine/pipeline?after=${points[0]?.at}`)).json as { points: unknown[] };
  expect(later.points.length).toBeLessThanOrEqual(1);
  expect(later.points).not.toContainEqual(points[0]);
});

test("a journey names the row of each step, and an unknown order is a 404", async () => {
  const { call, rows } = await open();
  const [event] = await rows.commit("order#0198", 1, "a");
  await rows.handled({ id: event?.id ?? "" });
  const { json } = await call("GET", "/engine/journeys/0198");
  const inbox = { table: rows.table("barista-inbox"), key: [`barista#${event?.id}`] };
  expect(json.steps).toMatchObject([
    { what: "commit", where: "orders", row: { table: rows.table("orders-outbox"), key: ["order#0198", 1] } },
    { what: "event", event: event?.id },
    { what: "queued", where: "barista-subscriber.fifo", row: inbox },
    { what: "handled", where: "barista", event: event?.id, row: inbox },
  ]);
  for (const id of ["nothing", "x".repeat(200), encodeURIComponent("<b>💥</b>")]) {
    expect(await call("GET", `/engine/journeys/${id}`)).toMatchObject({ status: 404 });
  }
  expect(await call("GET", `/engine/journeys/${"x".repeat(201)}`)).toMatchObject({ status: 400 });
});

test("a parked row is shown, retried and dropped", async () => {
  const { call, rows } = await open();
  for (const version of [1, 2]) {
    const events = await rows.commit("order#0198", version, `text ${version}`);
    const reason = { code: "InvalidParameter", message: "too long" };
    const Item = { aggregate: "order#0198", version, reason, parkedAt: "2026-01-31T08:30:00.000Z", events };
    await rows.documents.send(new PutCommand({ TableName: rows.table("orders-parked"), Item }));
  }
  const marker = { aggregate: "order#0198", version: 0, upTo: 2, since: "2026-01-31T08:30:00.000Z" };
  await rows.documents.send(new PutCommand({ TableName: rows.table("orders-parked"), Item: marker }));
  expect((await call("GET", "/engine/parked")).json.parked).toMatchObject([
    {
      aggregate: "order#0198",
      row_count: 2,
      rows: [{ version: 1, reason: "InvalidParameter: too long" }, { version: 2 }],
    },
  ]);
  const drop = (body: object) => call("POST", "/engine/parked/drop", body);
  expect(await drop({ aggregate: "order#0198", version: 1 })).toMatchObject({
    status: 200,
    json: { outcome: "dropped" },
  });
  expect(await drop({ aggregate: "order#0198", version: 1 })).toMatchObject({ json: { outcome: "not-found" } });
  expect(await drop({ aggregate: "order#nothing", version: 1 })).toMatchObject({ status: 404 });
  expect(await drop({ aggregate: "order#0198", version: "1" })).toMatchObject({ status: 400 });
  const retry = () => call("POST", "/engine/parked/retry", { aggregate: "order#0198" });
  expect(await retry()).toMatchObject({ json: { outcome: "released", events: 1 } });
  expect(await retry()).toMatchObject({ json: { outcome: "not-parked" } });
  expect((await call("GET", "/engine/parked")).json).toEqual({ parked: [] });
});

test("a dead letter is shown, and sent back or dropped", async () => {
  const { call, rows } = await open();
  const [event] = await rows.commit("order#0198", 1, "a");
  await rows.send("barista-subscriber-dead.fifo", "order#0198", event?.json ?? "");
  const list = async () => (await call("GET", "/engine/dead")).json;
  await expect
    .poll(list, eventually)
    .toMatchObject({ total: 1, letters: [{ aggregate: "order#0198", id: event?.id, type: "OrderPlaced" }] });
  expect(await call("POST", "/engine/dead/redrive", { from: "nowhere" })).toMatchObject({ status: 400 });
  const redrive = async (subscriber: string) =>
    (await call("POST", "/engine/dead/redrive", { subscriber, aggregate: "order#0198" })).json;
  expect(await redrive("baristas")).toMatchObject({
    detail: expect.stringMatching(/^subscriber is "baristas": .*barista/),
  });
  expect(await redrive("orders")).toEqual({ results: [] });
  const json = await redrive("barista");
  expect(json).toMatchObject({ results: [{ subscriber: "barista", sent: 1, outcome: "redriven" }] });
  expect(await rows.depth("barista-subscriber.fifo")).toBe(1);
  expect(await list()).toEqual({ letters: [], total: 0, more: [] });
});

/** The status of a request with these headers. `fetch` cannot set Host. */
async function statusWith(url: string, headers: Record<string, string>): Promise<number | undefined> {
  const sent = request(`${url}/engine/parked`, { headers }).end();
  const [answer] = (await once(sent, "response")) as [IncomingMessage];
  answer.resume();
  return answer.statusCode;
}

test("without authentication, pages of other origins and hosts of other names are refused", async () => {
  const { url, call } = await open();
  for (const headers of [{ origin: "https://evil.example" }, { "sec-fetch-site": "cross-site" }]) {
    expect(await call("POST", "/engine/dead/redrive", {}, headers)).toMatchObject({ status: 403 });
  }
  expect(await statusWith(url, { host: "evil.example" })).toBe(403);
  expect(await statusWith(url, { host: "localhost", origin: "http://localhost" })).toBe(200);
});

describe("faults", () => {
  const paths = ["/faults", "/faults/relays", "/faults/deliveries", "/faults/rush", "/faults/rush/stop"];

  test("have no route without the fault API of npm start", async () => {
    const { call } = await open();
    for (const path of paths) {
      expect([path, (await call("GET", path)).status]).toEqual([path, 404]);
      expect([path, (await call("POST", path, {})).status]).toEqual([path, 404]);
    }
  });

  test("are on this machine alone", () => {
    for (const FAULTS_URL of ["http://10.0.0.7:80", "https://127.0.0.1", "http://faults.example", "faults"]) {
      expect(() => here.setting({ FAULTS_URL })).toThrow(/FAULTS_URL/);
    }
  });

  test("are passed on as they came, with the origin that the fault API judges", async () => {
    const faults = await serve("{}");
    const { call } = await open({ FAULTS_URL: faults.url, INSPECTOR_URL: "http://127.0.0.1:8001" });
    const body = { action: "kill" };
    expect((await call("POST", "/faults/relays", body, { origin: "https://evil.example" })).status).toBe(200);
    expect(faults.requests).toEqual([
      {
        line: "POST /faults/relays",
        host: expect.stringContaining("127.0.0.1:"),
        origin: "https://evil.example",
        body: JSON.stringify(body),
      },
    ]);
    expect((await call("GET", "/engine/pipeline")).json).toMatchObject({
      faults: true,
      inspector: "http://127.0.0.1:8001",
    });
  });
});

test("where callers are known, the engineer alone has an engine room", async () => {
  const faults = await serve("{}");
  const { url, call } = await open({ ...issuer.env, FAULTS_URL: faults.url });
  const bearer = async (role: string) => ({
    authorization: `Bearer ${await issuer.token(here.shop.name, { subject: "ada", roles: [role] })}`,
  });
  const routes = [
    ["GET", "/engine/pipeline"],
    ["GET", "/engine/journeys/0198"],
    ["GET", "/engine/parked"],
    ["POST", "/engine/parked/retry"],
    ["POST", "/engine/parked/drop"],
    ["GET", "/engine/dead"],
    ["POST", "/engine/dead/redrive"],
    ["GET", "/faults"],
    ["POST", "/faults/relays"],
  ] as const;
  for (const [method, path] of routes) {
    expect([path, (await call(method, path)).status]).toEqual([path, 401]);
    expect([path, (await call(method, path, undefined, await bearer("barista"))).status]).toEqual([path, 403]);
  }
  expect(faults.requests).toEqual([]);
  expect((await call("GET", "/engine/pipeline", undefined, await bearer("engineer"))).status).toBe(200);
  // With tokens, any Host is accepted.
  const withItsHost = { ...(await bearer("engineer")), host: "coffee.example" };
  expect(await statusWith(url, withItsHost)).toBe(200);
});
