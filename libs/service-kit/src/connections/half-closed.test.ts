import type { Response } from "express";
import { describe, expect, onTestFinished, test } from "vitest";
import { eventually, openApp } from "../app.fixture.ts";
import { RawClient } from "../raw-client.fixture.ts";
import { EventStream } from "../streams/index.ts";
import { goneSignal } from "./gone-signal.ts";

const ask = ["GET /wait HTTP/1.1", "Host: x"];

async function openWaiting() {
  const waiting: { response: Response; gone: AbortSignal }[] = [];
  const app = await openApp((app) => {
    app.get("/wait", (_request, response) => void waiting.push({ response, gone: goneSignal(response) }));
    app.get("/events", (_request, response) => {
      waiting.push({ response, gone: goneSignal(response) });
      new EventStream(response).send({ data: "first" });
    });
  });
  onTestFinished(() => app[Symbol.asyncDispose]());
  return { client: () => new RawClient(app.port), next: () => eventually(() => waiting.shift()) };
}

describe("a client that ends its side after its request", () => {
  test.for([
    ["HTTP/1.1", ask],
    ["HTTP/1.0", ["GET /wait HTTP/1.0"]],
  ] as const)("and waits gets its answer, over %s", async ([version, head]) => {
    const { client, next } = await openWaiting();
    const half = client().send(head);
    const { response, gone } = await next();
    half.reading().socket.end();
    // Signs of life show that the service has seen the end, and does not take it for a farewell.
    if (version === "HTTP/1.1") await half.got("HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 102 Processing\r\n\r\n");
    else await eventually(() => (response.socket?.readableEnded ? true : undefined));
    expect(gone.aborted).toBe(false);
    response.json("coffee");
    await half.got('"coffee"');
    await eventually(() => (half.isClosed ? true : undefined));
    if (version === "HTTP/1.0") expect(half.text).not.toContain("102");
  });

  test("and waits for events goes on getting them", async () => {
    const { client, next } = await openWaiting();
    const half = client().send(["GET /events HTTP/1.1", "Host: x"]).reading();
    const { response, gone } = await next();
    await half.got("first");
    half.socket.end();
    await half.got(":\n\n");
    response.write("data: second\n\n");
    await half.got("second");
    expect(gone.aborted).toBe(false);
  });

  test("and sent several requests in one go gets all their answers", async () => {
    const { client, next } = await openWaiting();
    const half = client().send(ask).send(ask).reading();
    const first = await next();
    half.socket.end();
    await half.got("102 Processing");
    first.response.json("one");
    const second = await next();
    second.response.json("two");
    await half.got('"two"');
    expect(half.text.indexOf('"one"')).toBeLessThan(half.text.indexOf('"two"'));
  });

  test.for([
    ["waits", "/wait", "102 Processing"],
    ["waits for events", "/events", ":\n\n"],
  ] as const)("%s, and then goes, is noticed", async ([, path, sign]) => {
    const { client, next } = await openWaiting();
    const half = client()
      .send([`GET ${path} HTTP/1.1`, "Host: x"])
      .reading();
    const { gone } = await next();
    half.socket.end();
    await half.got(sign);
    half.socket.destroy();
    await eventually(() => (gone.aborted ? true : undefined));
  });
});

test("a client that closes while it waits is noticed", async () => {
  const { client, next } = await openWaiting();
  for (const head of [ask, ["GET /events HTTP/1.1", "Host: x"]]) {
    const leaving = client().send(head).reading();
    const { gone } = await next();
    leaving.socket.destroy();
    await eventually(() => (gone.aborted ? true : undefined));
  }
});
