import { once } from "node:events";
import { createServer, type IncomingMessage, type RequestListener, request, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { createApp, createLogger, serve } from "@doubleshot/service-kit";
import { expect, onTestFinished, test } from "vitest";
import { proxyApi } from "./proxy-routes.ts";
import { ServiceProxy } from "./service-proxy.ts";

const log = createLogger("web", "silent");

/** A service that answers as the listener says, and a proxy in front of it. */
async function openProxy(listener: RequestListener, { trustProxy = false }: { trustProxy?: boolean } = {}) {
  const server = createServer(listener).listen(0, "127.0.0.1");
  await once(server, "listening");
  const upstream = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const proxy = new ServiceProxy([{ name: "things", paths: ["/things", "/thing"], url: new URL(upstream) }], log);
  const { router } = proxyApi(proxy);
  const app = createApp({ name: "web", log, trustProxy, ready: () => true, routes: (app) => app.use(router) });
  const serving = await serve(app, { host: "127.0.0.1", port: 0 });
  const stop = () => {
    server.closeAllConnections();
    server.close();
  };
  onTestFinished(async () => {
    stop();
    await serving.close();
  });
  return { url: serving.url, proxy, stop };
}

const echo: RequestListener = async ({ method, url, headers }, response) => {
  response.setHeader("content-type", "application/json").end(JSON.stringify({ method, url, headers }));
};

/** A service whose requests the test answers itself. */
function heldRequests() {
  const held: { readonly request: IncomingMessage; readonly response: ServerResponse }[] = [];
  const listener: RequestListener = (request, response) => void held.push({ request, response });
  const next = async () => {
    await expect.poll(() => held.length).toBeGreaterThan(0);
    return held.shift() as (typeof held)[number];
  };
  return { listener, next };
}

test("a request arrives with its method, path, query, body and header fields, and the answer with its own", async () => {
  const bodies: string[] = [];
  const { url } = await openProxy(async (request, response) => {
    bodies.push((await request.toArray()).join(""));
    response.writeHead(201, {
      "content-type": "application/problem+json",
      "x-request-id": "theirs",
      link: "</a>, </b>",
    });
    response.end(`${request.method} ${request.url} ${request.headers["idempotency-key"]}`);
  });
  const answer = await fetch(`${url}/things/%C3%A4?wait=20&wait=%20`, {
    method: "POST",
    body: '{"name":"Ada"}',
    headers: { "idempotency-key": "k1" },
  });
  expect([answer.status, await answer.text(), bodies]).toEqual([
    201,
    "POST /things/%C3%A4?wait=20&wait=%20 k1",
    ['{"name":"Ada"}'],
  ]);
  const { headers } = answer;
  expect(headers.get("content-type")).toBe("application/problem+json");
  expect([headers.get("x-request-id"), headers.get("link")]).toEqual(["theirs", "</a>, </b>"]);
});

test("paths below those of the service lead to it, and no others", async () => {
  const { url } = await openProxy(echo);
  const statuses = ["/thing", "/things/1/events", "/thingies", "/other"].map(
    async (path) => (await fetch(`${url}${path}`)).status,
  );
  expect(await Promise.all(statuses)).toEqual([200, 200, 404, 404]);
});

test("a caller's address is passed on, and a claimed one is not", async () => {
  const { url } = await openProxy(echo);
  const claimed = { "x-forwarded-for": "192.0.2.1", forwarded: "for=192.0.2.1" };
  const { headers } = (await (await fetch(`${url}/things`, { headers: claimed })).json()) as {
    headers: Record<string, string>;
  };
  expect(headers["x-forwarded-for"]).toBe("127.0.0.1");
  expect(headers).not.toHaveProperty("forwarded");
});

test("the address that a trusted proxy reports is passed on", async () => {
  const { url } = await openProxy(echo, { trustProxy: true });
  const answer = await fetch(`${url}/things`, { headers: { "x-forwarded-for": "192.0.2.1" } });
  const { headers } = (await answer.json()) as { headers: Record<string, string> };
  expect(headers["x-forwarded-for"]).toBe("192.0.2.1");
});

test("header fields of a connection stay on it", async () => {
  const { url } = await openProxy((incoming, response) => {
    response.setHeader("Connection", "close, x-hop").setHeader("X-Hop", "1").setHeader("X-End", "2");
    response.end(JSON.stringify(incoming.headers));
  });
  const sent = request(`${url}/things`, { headers: { connection: "close, x-mine", "x-mine": "1", te: "trailers" } });
  sent.end();
  const [answer] = (await once(sent, "response")) as [IncomingMessage];
  const seen = JSON.parse((await answer.toArray()).join(""));
  expect([seen["x-mine"], seen.te]).toEqual([undefined, undefined]);
  expect([answer.headers["x-hop"], answer.headers["x-end"]]).toEqual([undefined, "2"]);
});

test("no field that frames, leads or authorizes a request can be named as one of its connection", async () => {
  const { url } = await openProxy(async (request, response) => {
    const body = (await request.toArray()).join("");
    response.end(JSON.stringify({ headers: request.headers, body }));
  });
  const named = "close, content-length, host, authorization";
  const headers = { connection: named, "content-length": "2", host: "coffee.example", authorization: "Bearer x" };
  const sent = request(`${url}/things`, { method: "POST", headers });
  sent.end("{}");
  const [answer] = (await once(sent, "response")) as [IncomingMessage];
  const seen = JSON.parse((await answer.toArray()).join(""));
  expect(seen).toMatchObject({
    headers: { "content-length": "2", host: "coffee.example", authorization: "Bearer x" },
    body: "{}",
  });
});

test("events of a stream come as they are sent", async () => {
  const { listener, next } = heldRequests();
  const { url } = await openProxy(listener);
  const asked = fetch(`${url}/things/1/events`);
  const { response } = await next();
  response.writeHead(200, { "content-type": "text/event-stream" }).flushHeaders();
  const reader = (await asked).body?.pipeThrough(new TextDecoderStream()).getReader();
  for (const event of ["data: 1\n\n", "data: 2\n\n"]) {
    response.write(event);
    expect((await reader?.read())?.value).toBe(event);
  }
  response.end();
  expect((await reader?.read())?.done).toBe(true);
});

test("a caller that leaves, waiting or reading, ends its request at the service", async () => {
  const { listener, next } = heldRequests();
  const { url } = await openProxy(listener);
  for (const isReading of [false, true]) {
    const leaving = new AbortController();
    const asked = fetch(`${url}/thing`, { signal: leaving.signal }).catch(() => undefined);
    const { response } = await next();
    if (isReading) {
      response.writeHead(200).flushHeaders();
      await asked;
    }
    const closed = once(response, "close");
    leaving.abort();
    await closed;
    expect(response.writableFinished).toBe(false);
  }
});

test("a service that is down, or dies before its answer, is a 503 that says when to come back", async () => {
  const { listener, next } = heldRequests();
  const { url, stop } = await openProxy(listener);
  const dying = fetch(`${url}/thing`, { method: "POST", body: "x" });
  (await next()).request.socket.destroy();
  const down = async () => {
    stop();
    return fetch(`${url}/thing`);
  };
  for (const answer of [await dying, await down()]) {
    expect([answer.status, answer.headers.get("retry-after")]).toEqual([503, "1"]);
    expect(await answer.json()).toMatchObject({
      detail: expect.stringMatching(/^The things service is unreachable\. Send/),
    });
  }
});

test("a service that dies in the middle of its answer breaks it, so that nobody takes a part for the whole", async () => {
  const { listener, next } = heldRequests();
  const { url } = await openProxy(listener);
  const asked = fetch(`${url}/thing`);
  const { request, response } = await next();
  response.writeHead(200, { "content-length": "100" }).write("half");
  const answer = await asked;
  request.socket.destroy();
  await expect(answer.text()).rejects.toThrow();
});

test("at the end of the process waiting callers get a 503, streams end, other answers break, and new requests are refused", async () => {
  const { listener, next } = heldRequests();
  const { url, proxy } = await openProxy(listener);
  const waiting = fetch(`${url}/thing`);
  await next();
  const streaming = fetch(`${url}/things`);
  const { response } = await next();
  response.writeHead(200, { "content-type": "text/event-stream" }).write("data: 1\n\n");
  const stream = await streaming;
  const reading = fetch(`${url}/things`);
  const { response: begun } = await next();
  // Without a length, an end would look like the end of the whole.
  begun.writeHead(200, { "content-type": "application/json" }).write("[1,");
  const part = await reading;
  proxy.close();
  await expect(part.text()).rejects.toThrow();
  expect((await waiting).status).toBe(503);
  expect(await stream.text()).toBe("data: 1\n\n");
  expect((await fetch(`${url}/thing`)).status).toBe(503);
});
