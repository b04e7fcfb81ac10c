import type { Response } from "express";
import { expect, onTestFinished, test } from "vitest";
import { eventually, openApp } from "../app.fixture.ts";
import { RawClient } from "../raw-client.fixture.ts";
import { goneSignal } from "./gone-signal.ts";

interface Handled {
  readonly path: string;
  readonly response: Response;
  readonly gone: AbortSignal;
}

/** A service that keeps each request that its app handles; `/quick` has its response at once. */
async function openService() {
  const handled: Handled[] = [];
  const app = await openApp((app) => {
    app.use((request, response) => {
      handled.push({ path: request.path, response, gone: goneSignal(response) });
      if (request.path === "/quick") response.json("quick");
    });
  });
  onTestFinished(() => app[Symbol.asyncDispose]());
  const count = (many: number) => eventually(() => (handled.length >= many ? handled : undefined));
  return { app, handled, count, client: () => new RawClient(app.port).reading() };
}

const get = (path: string, times = 1) => `GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`.repeat(times);
const statusesOf = (text: string) => [...text.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => Number(status));

test("of requests sent at once beyond 16, the app handles none, and the connection closes after one 503", async () => {
  const { handled, client } = await openService();
  const flooding = client();
  flooding.socket.write(get("/quick", 1_500));
  await eventually(() => (flooding.isClosed ? true : undefined));
  expect(statusesOf(flooding.text)).toEqual([...Array(16).fill(200), 503]);
  expect(flooding.text).toMatch(/503 [\s\S]*Connection: close[\s\S]*Retry-After: 1[\s\S]*"status":503/i);
  expect(handled).toHaveLength(16);
});

test("requests sent in many pieces behind one that waits are refused all the same", async () => {
  const { app, handled, count, client } = await openService();
  const flooding = client();
  flooding.socket.write(get("/wait"));
  const [waiting] = await count(1);
  for (let piece = 0; piece < 40; piece++) flooding.socket.write(get("/quick", 10));
  // A request of another connection has its response meanwhile, so the pieces have been read.
  await fetch(`${app.url}/quick`);
  expect(handled).toHaveLength(2);
  waiting?.response.json("answer");
  await eventually(() => (flooding.isClosed ? true : undefined));
  expect(statusesOf(flooding.text)).toEqual([...Array(16).fill(200), 503]);
  expect(handled).toHaveLength(17);
});

test("a client that reads its responses may send any number of requests, up to 16 at a time", async () => {
  const { handled, client } = await openService();
  const modest = client();
  for (let round = 1; round <= 10; round++) {
    modest.socket.write(get("/quick", 16));
    await eventually(() => (statusesOf(modest.text).length === 16 * round ? true : undefined));
  }
  expect(new Set(statusesOf(modest.text))).toEqual(new Set([200]));
  expect([modest.isClosed, handled.length]).toEqual([false, 160]);
});

test("a request is handled when those before it on its connection have their responses", async () => {
  const { app, handled, count, client } = await openService();
  const pipelining = client();
  pipelining.socket.write(get("/first") + get("/second"));
  const [first] = await count(1);
  await fetch(`${app.url}/quick`);
  expect(handled.map(({ path }) => path)).toEqual(["/first", "/quick"]);
  first?.response.json("one");
  const [, , second] = await count(3);
  second?.response.json("two");
  await pipelining.got('"two"');
  expect(pipelining.text).toMatch(/"one"[\s\S]*"two"/);
});

test("a client that leaves ends its waiting request, and the ones behind it are never handled", async () => {
  const { app, handled, count, client } = await openService();
  const leaving = client();
  leaving.socket.write(get("/wait", 3));
  const [waiting] = await count(1);
  leaving.socket.destroy();
  await eventually(() => (waiting?.gone.aborted ? true : undefined));
  await fetch(`${app.url}/quick`);
  expect(handled.map(({ path }) => path)).toEqual(["/wait", "/quick"]);
});

test("no request is handled behind a response that closes the connection", async () => {
  const { app, handled, count, client } = await openService();
  const pipelining = client();
  pipelining.socket.write(get("/last") + get("/never"));
  const [last] = await count(1);
  last?.response.set("Connection", "close").json("goodbye");
  await eventually(() => (pipelining.isClosed ? true : undefined));
  await fetch(`${app.url}/quick`);
  expect(handled.map(({ path }) => path)).toEqual(["/last", "/quick"]);
});
