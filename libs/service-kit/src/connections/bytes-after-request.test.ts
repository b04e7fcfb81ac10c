import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openApp, type TestApp } from "../app.fixture.ts";
import { jsonBody } from "../input/index.ts";
import { RawClient } from "../raw-client.fixture.ts";

/** Has a waiting caller answered. */
let answer: () => void = () => {};
let waiting: Promise<void> = Promise.resolve();
let app: TestApp;

beforeAll(async () => {
  app = await openApp((app) => {
    app.post("/cups", jsonBody({ others: "ignored" }), (_request, response) => void response.json("cup"));
    app.get("/wait", async (_request, response) => {
      const answered = Promise.withResolvers<void>();
      waiting.then(answered.resolve);
      await answered.promise;
      response.json("the answer");
    });
  });
});
afterAll(() => app?.[Symbol.asyncDispose]());

const head = ["GET /wait HTTP/1.1", "Host: x"];

describe("bytes that follow a request and are no request", () => {
  test("leave its answer to a caller that waits, and then the connection closes", async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    [waiting, answer] = [promise, resolve];
    const client = new RawClient(app.port).send(head, "{]garbage\r\n\r\n");
    // A request of another connection is answered meanwhile, so the garbage has been read.
    await new RawClient(app.port).send(["GET /livez HTTP/1.1", "Host: x", "Connection: close"]).ended();
    client.socket.write("more of it");
    answer();
    const text = await client.ended();
    expect(text).toMatch(/^HTTP\/1\.1 200 /);
    expect(text).toContain("the answer");
    expect(text.match(/HTTP\/1\.1/g)).toHaveLength(1);
  });

  test("leave the answer to a caller whose body was longer than its length", async () => {
    for (let attempt = 0; attempt < 20; attempt++) {
      const lines = ["POST /cups HTTP/1.1", "Host: x", "Content-Type: application/json", "Connection: close"];
      const client = new RawClient(app.port).send([...lines, "Content-Length: 2"], `{}${"}".repeat(500)}`);
      expect(await client.ended()).toMatch(/^HTTP\/1\.1 200 /);
    }
  });

  test("in any number end the connection", async () => {
    ({ promise: waiting } = Promise.withResolvers<void>());
    const client = new RawClient(app.port).send(head, "{]");
    const closed = new Promise((resolve) => client.socket.once("close", resolve));
    client.socket.write("x".repeat(3_000_000));
    client.reading();
    await closed;
    expect(client.text).toBe("");
  });
});
