import { once } from "node:events";
import { Agent, get, type IncomingMessage } from "node:http";
import { connect } from "node:net";
import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import type { Response } from "express";
import { expect, onTestFinished, test } from "vitest";
import { eventually, openApp } from "../app.fixture.ts";
import { serve } from "./serve.ts";

function* endless() {
  for (;;) yield "x".repeat(10_000);
}

async function openCounter(options: Parameters<typeof openApp>[1] = {}) {
  const waiting: Response[] = [];
  const app = await openApp((app) => {
    app.get("/wait", (_request, response) => void waiting.push(response));
    app.get("/quick", (_request, response) => void response.json("done"));
    app.get("/endless", (_request, response) => void Readable.from(endless()).pipe(response));
    app.post("/upload", (request, response) => void request.resume().once("end", () => response.json("done")));
  }, options);
  return { app, waiting, nextWaiting: () => eventually(() => waiting.shift()) };
}

const ask = async (url: string, agent: Agent): Promise<IncomingMessage> => {
  const [response] = (await once(get(url, { agent }), "response")) as [IncomingMessage];
  response.resume();
  await once(response, "end");
  return response;
};

test("a client that sends too slowly gets a 408; a client that waits for its response does not", async () => {
  const { app, nextWaiting } = await openCounter({ requestTimeoutMs: 400, headersTimeoutMs: 400 });
  onTestFinished(() => app[Symbol.asyncDispose]());
  const caller = fetch(`${app.url}/wait`);
  const answer = await nextWaiting();

  // Two slow ones in turn: the caller has waited for longer than either was given.
  for (const start of ["GET /quick HTT", "POST /nowhere HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nhalf"]) {
    const slow = connect(app.port, "127.0.0.1");
    slow.write(start);
    expect(await text(slow)).toMatch(/^HTTP\/1.1 4\d\d [\s\S]*"status":4\d\d/);
  }
  answer.json("coffee");
  expect(await (await caller).json()).toBe("coffee");
});

test("a connection is kept for longer than load balancers keep theirs", async () => {
  const { app } = await openCounter();
  onTestFinished(() => app[Symbol.asyncDispose]());
  const agent = new Agent({ keepAlive: true });
  onTestFinished(() => agent.destroy());
  const { headers } = await ask(`${app.url}/quick`, agent);
  const seconds = Number(/timeout=(\d+)/.exec(String(headers["keep-alive"]))?.[1]);
  expect(seconds).toBeGreaterThanOrEqual(65);
});

test("closing lets waiting callers have their answer, tells them to go, and drops idle and silent connections", async () => {
  const { app, nextWaiting } = await openCounter({ closeWithinMs: 600_000 });
  const idle = new Agent({ keepAlive: true });
  const busy = new Agent({ keepAlive: true });
  onTestFinished(() => {
    idle.destroy();
    busy.destroy();
  });
  await ask(`${app.url}/quick`, idle);
  const silent = connect(app.port, "127.0.0.1").on("error", () => {});
  await once(silent, "connect");
  const caller = ask(`${app.url}/wait`, busy);
  const answer = await nextWaiting();

  const closed = app.close();
  await expect(ask(`${app.url}/quick`, new Agent())).rejects.toMatchObject({ code: "ECONNREFUSED" });
  answer.json("coffee");

  const { statusCode, headers } = await caller;
  expect([statusCode, headers.connection]).toEqual([200, "close"]);
  // Without care for kept and silent connections, this would take 72 seconds, or as long as is left to the slow.
  await closed;
});

test("closing drops a connection that falls idle later, though its answer could not tell it to go", async () => {
  const { app, nextWaiting } = await openCounter({ closeWithinMs: 600_000 });
  const busy = new Agent({ keepAlive: true });
  onTestFinished(() => busy.destroy());
  const caller = ask(`${app.url}/wait`, busy);
  const answer = await nextWaiting();
  answer.flushHeaders();
  const closed = app.close();
  answer.end("coffee");
  expect((await caller).headers.connection).toBe("keep-alive");
  await closed;
});

test("closing destroys connections whose request is still incomplete, and no others", async () => {
  const { app, nextWaiting } = await openCounter({ closeWithinMs: 50 });
  const caller = fetch(`${app.url}/wait`);
  const answer = await nextWaiting();
  const halves = ["GET /quick HTT", "POST /upload HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nhalf"].map((half) => {
    const slow = connect(app.port, "127.0.0.1").on("error", () => {});
    slow.write(half);
    return slow;
  });
  // Answered behind them, so both halves have been read.
  await (await fetch(`${app.url}/quick`)).text();

  const closed = app.close();
  await Promise.all(halves.map((slow) => once(slow.resume(), "close")));
  answer.json("coffee");
  expect(await (await caller).json()).toBe("coffee");
  // Without care for them, this would take for ever.
  await closed;
});

test("closing destroys a connection whose client does not read its response", async () => {
  const { app } = await openCounter({ closeWithinMs: 50 });
  const idle = connect(app.port, "127.0.0.1").on("error", () => {});
  onTestFinished(() => void idle.destroy());
  idle.pause().write("GET /endless HTTP/1.1\r\nHost: x\r\n\r\n");
  await once(idle, "readable");
  // Without care for them, this would take for ever.
  await app.close();
});

test("an address that cannot be had is one sentence", async () => {
  const { app } = await openCounter();
  onTestFinished(() => app[Symbol.asyncDispose]());
  await expect(serve(() => {}, { host: "127.0.0.1", port: app.port })).rejects.toMatchObject({
    exitSentence: true,
    message: `PORT ${app.port} on 127.0.0.1 is taken: stop the process that uses it, or set PORT to another port (0 picks a free one).`,
  });
  await expect(serve(() => {}, { host: "nowhere.invalid", port: 0 })).rejects.toMatchObject({
    exitSentence: true,
    message: "HOST nowhere.invalid is not an address of this machine: set HOST to one, such as 127.0.0.1.",
  });
});

test("a wildcard address is named by one that can be visited", async () => {
  const { app } = await openCounter({ host: "0.0.0.0" });
  onTestFinished(() => app[Symbol.asyncDispose]());
  expect(app.url).toBe(`http://localhost:${app.port}`);
  const { app: six } = await openCounter({ host: "::1" });
  onTestFinished(() => six[Symbol.asyncDispose]());
  expect(await (await fetch(`${six.url}/quick`)).json()).toBe("done");
});
