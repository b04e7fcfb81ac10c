import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { gzipSync } from "node:zlib";
import express from "express";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { openApp, type TestApp } from "../app.fixture.ts";
import { jsonBody, validate } from "../input/index.ts";
import { ProblemError } from "./problem.ts";

const Order = z.object({ name: z.string(), items: z.array(z.object({ sku: z.string() })) });

let app: TestApp;

beforeAll(async () => {
  app = await openApp((app) => {
    const cups = express.Router();
    cups.get("/:cup", (request, response) => void response.json({ cup: request.params.cup }));
    cups.put("/:cup", (_request, response) => void response.sendStatus(204));
    app.use("/shelf/cups", cups);
    app.post("/shelf/cups/:cup", (_request, response) => void response.sendStatus(204));
    app.post("/order", jsonBody({ others: "refused" }), (request, response) => {
      response.json(validate(Order, request.body));
    });
    app.post("/counter", jsonBody({ others: "ignored" }), (request, response) => {
      response.json({ body: request.body === undefined ? "none" : request.body });
    });
    app.get("/bug", () => {
      throw new Error("the password is swordfish");
    });
    app.get("/rejected", async () => Promise.reject(new Error("the password is swordfish")));
    app.get("/thrown-text", () => {
      throw "the password is swordfish";
    });
    app.get("/half", (_request, response) => {
      response.write("half an ans");
      throw new Error("the password is swordfish");
    });
    app.get("/taken", () => {
      const headers = { "Retry-After": "5" };
      throw new ProblemError(409, "It is taken.", {
        title: "Taken",
        headers,
        extensions: { status: 1, taken_by: "Ada" },
      });
    });
  });
});
afterAll(() => app?.[Symbol.asyncDispose]());

async function problem(path: string, init?: RequestInit) {
  const response = await fetch(app.url + path, init);
  expect(response.headers.get("content-type")).toBe("application/problem+json; charset=utf-8");
  const document = z.looseObject({ detail: z.string() }).parse(await response.json());
  expect(document).toMatchObject({
    type: "about:blank",
    status: response.status,
    instance: `urn:uuid:${response.headers.get("x-request-id")}`,
    title: expect.any(String),
    detail: expect.stringMatching(/\.$/),
  });
  return { status: response.status, headers: response.headers, document };
}

const json = { "Content-Type": "application/json" };
const post = (body: NonNullable<RequestInit["body"]>, headers: Record<string, string> = json): RequestInit => ({
  method: "POST",
  body,
  headers,
});

describe("routes", () => {
  test("an unknown path is a 404, whatever the method", async () => {
    for (const method of ["GET", "POST", "OPTIONS", "PROPFIND"]) {
      expect((await problem("/shelf/spoons", { method })).status).toBe(404);
    }
    expect((await fetch(`${app.url}/shelf/spoons`, { method: "HEAD" })).status).toBe(404);
  });

  test("a wrong method is a 405 that allows what any router takes there", async () => {
    const nested = await problem("/shelf/cups/7", { method: "DELETE" });
    expect([nested.status, nested.headers.get("allow")]).toEqual([405, "GET, HEAD, POST, PUT"]);
    expect(nested.document.detail).toContain("Use one of: GET, HEAD, POST, PUT.");
    const flat = await problem("/order/", { method: "GET" });
    expect([flat.status, flat.headers.get("allow")]).toEqual([405, "POST"]);
    expect((await problem("/livez", { method: "POST" })).status).toBe(405);
  });

  test("a malformed percent-encoding is a 400, on a route or off it", async () => {
    for (const path of ["/shelf/cups/%", "/shelf/cups/%E0%A4%A", "/%zz"]) {
      expect((await problem(path)).status).toBe(400);
    }
    expect(await (await fetch(`${app.url}/shelf/cups/50%25%20%E2%98%95`)).json()).toEqual({ cup: "50% ☕" });
  });
});

describe("bodies", () => {
  test("that are not valid JSON are a 400 which does not repeat them", async () => {
    for (const body of ['{"name": ', "swordfish", '{"name": swordfish}', "\u0000"]) {
      const { status, document } = await problem("/order", post(body));
      expect([status, document.detail]).toEqual([
        400,
        "The body is not valid JSON. Correct it before sending it again.",
      ]);
    }
  });

  test("that are valid JSON of the wrong shape are a 400 that points at what is wrong", async () => {
    const items = JSON.stringify({ name: "Ada", items: [{ sku: "latte" }, { sku: 7 }] });
    const { status, document } = await problem("/order", post(items));
    expect([status, document.errors]).toEqual([400, [{ pointer: "#/items/1/sku", detail: expect.any(String) }]]);
    expect(document.detail).toContain("at /items/1/sku");
    for (const body of ["null", "7", '"latte"', "[]", "{}", ""]) {
      expect((await problem("/order", post(body))).status).toBe(400);
    }
  });

  test("over 16 KB are a 413, of any type, and however they come", async () => {
    const name = "x".repeat(17 * 1024);
    const stream = () => new Blob([name]).stream();
    const chunked = { method: "POST", body: stream(), duplex: "half" } as const;
    const zipped = gzipSync(JSON.stringify({ name: "x".repeat(1_000_000) }));
    for (const path of ["/order", "/counter"]) {
      expect((await problem(path, post(JSON.stringify({ name })))).status).toBe(413);
      expect((await problem(path, post(name, { "Content-Type": "text/plain" }))).status).toBe(413);
      expect((await problem(path, { ...chunked, body: stream(), headers: json })).status).toBe(413);
      expect((await problem(path, { ...chunked, body: stream() })).status).toBe(413);
      expect((await problem(path, post(zipped, { ...json, "Content-Encoding": "gzip" }))).status).toBe(413);
    }
  });

  test("of another type are refused or ignored, as the route says", async () => {
    for (const type of ["text/plain", "application/x-www-form-urlencoded", "application/jsonp", "nonsense"]) {
      expect((await problem("/order", post("name=Ada", { "Content-Type": type }))).status).toBe(415);
      const ignored = await fetch(`${app.url}/counter`, post("name=Ada", { "Content-Type": type }));
      expect(await ignored.json()).toEqual({ body: "none" });
    }
    expect(await (await fetch(`${app.url}/counter`, { method: "POST" })).json()).toEqual({ body: "none" });
    expect(await (await fetch(`${app.url}/counter`, post("[1]"))).json()).toEqual({ body: [1] });
  });

  test("that are empty are none, whatever their type", async () => {
    for (const type of ["text/plain", "application/x-www-form-urlencoded"]) {
      expect((await problem("/order", post("", { "Content-Type": type }))).status).toBe(400);
      const counter = await fetch(`${app.url}/counter`, post("", { "Content-Type": type }));
      expect(await counter.json()).toEqual({ body: "none" });
    }
    expect((await problem("/order", { method: "POST" })).status).toBe(400);
  });

  test("in a charset or an encoding we do not read are a 415", async () => {
    const charset = { "Content-Type": "application/json; charset=latin1" };
    expect((await problem("/order", post("{}", charset))).status).toBe(415);
    expect((await problem("/order", post("{}", { ...json, "Content-Encoding": "br2" }))).status).toBe(415);
    expect((await problem("/order", post("{}", { ...json, "Content-Encoding": "gzip" }))).status).toBe(400);
  });
});

describe("errors in handlers", () => {
  test("that are problems go out as they are, but cannot fake the standard members", async () => {
    const { status, headers, document } = await problem("/taken");
    expect([status, headers.get("retry-after")]).toEqual([409, "5"]);
    expect(document).toMatchObject({ status: 409, title: "Taken", detail: "It is taken.", taken_by: "Ada" });
  });

  test("that nobody expected are a 500 which leaks nothing, and are logged with their stack", async () => {
    for (const path of ["/bug", "/rejected", "/thrown-text"]) {
      const { status, document, headers } = await problem(path);
      expect(status).toBe(500);
      expect(JSON.stringify(document)).not.toContain("swordfish");
      const line = app.lines.find(({ requestId }) => requestId === headers.get("x-request-id"));
      expect(line).toMatchObject({
        level: "error",
        err: { message: "the password is swordfish", stack: expect.any(String) },
      });
    }
  });

  test("after half an answer cut the connection, so that nobody takes it for a whole one", async () => {
    await expect(fetch(`${app.url}/half`).then((response) => response.text())).rejects.toThrow();
  });
});

test("input that is not HTTP at all is a problem too", async () => {
  const answer = async (request: string) => {
    const socket = connect(app.port, "127.0.0.1");
    socket.write(request);
    const [head = "", body = ""] = (await text(socket)).split("\r\n\r\n");
    return [head.split("\r\n")[0], JSON.parse(body).status];
  };
  expect(await answer("coffee, please\r\n\r\n")).toEqual(["HTTP/1.1 400 Bad Request", 400]);
  const huge = `GET / HTTP/1.1\r\nHost: x\r\nX-Huge: ${"x".repeat(20_000)}\r\n\r\n`;
  expect(await answer(huge)).toEqual(["HTTP/1.1 431 Request Header Fields Too Large", 431]);
  const tunnel = "CONNECT example.org:443 HTTP/1.1\r\nHost: example.org\r\n\r\n";
  expect(await answer(tunnel)).toEqual(["HTTP/1.1 405 Method Not Allowed", 405]);
  const expecting = "GET /nowhere HTTP/1.1\r\nHost: x\r\nConnection: close\r\nExpect: a miracle\r\n\r\n";
  expect(await answer(expecting)).toEqual(["HTTP/1.1 404 Not Found", 404]);
});
