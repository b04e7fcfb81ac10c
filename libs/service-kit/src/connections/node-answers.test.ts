import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { eventually, openApp, type TestApp } from "../app.fixture.ts";
import { jsonBody } from "../input/index.ts";
import { RawClient } from "../raw-client.fixture.ts";

let app: TestApp;
beforeAll(async () => {
  app = await openApp((app) => {
    app.get("/cups", (_request, response) => void response.json("cups"));
    app.post("/cups", jsonBody({ others: "ignored" }), (_request, response) => void response.json("cup"));
  });
});
afterAll(() => app?.[Symbol.asyncDispose]());

/** The whole answer to a request as it stands here, after which the client ends its side. */
async function answerTo(text: string): Promise<{ status: number; head: string; body: string }> {
  const client = new RawClient(app.port);
  client.socket.write(text);
  client.socket.end();
  const answer = await client.ended();
  const [head = "", body = ""] = answer.split("\r\n\r\n", 2);
  return { status: Number(head.split(" ", 2)[1]), head, body };
}

const close = "Connection: close\r\n\r\n";

describe("an error that Node or Express would answer by itself is a problem:", () => {
  test.for([
    ["a target that is no URL", 400, `GET http://[ HTTP/1.1\r\nHost: x\r\n${close}`],
    ["a target of another scheme", 400, `GET ftp://x/cups HTTP/1.1\r\nHost: x\r\n${close}`],
    ["a target without a scheme", 400, `GET cups HTTP/1.1\r\nHost: x\r\n${close}`],
    ["a target of *, but for OPTIONS", 400, `GET * HTTP/1.1\r\nHost: x\r\n${close}`],
    ["a malformed percent-encoding", 400, `GET /cups/%zz HTTP/1.1\r\nHost: x\r\n${close}`],
    ["no Host", 400, `GET /cups HTTP/1.1\r\n${close}`],
    ["two Hosts", 400, `GET /cups HTTP/1.1\r\nHost: x\r\nHost: y\r\n${close}`],
    ["two lengths", 400, `POST /cups HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n${close}x`],
    [
      "a length and chunks",
      400,
      `POST /cups HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n${close}`,
    ],
    ["an unknown transfer coding", 400, `POST /cups HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n${close}`],
    ["a request that ends in its headers", 400, "GET /cups HTTP/1.1\r\nHost"],
    ["a request that ends in its body", 400, `POST /cups HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n${close}x`],
    ["a tunnel", 405, `CONNECT x:443 HTTP/1.1\r\nHost: x\r\n${close}`],
    ["a method nobody knows", 400, `BREW /cups HTTP/1.1\r\nHost: x\r\n${close}`],
    ["a method that no route takes", 405, `PROPFIND /cups HTTP/1.1\r\nHost: x\r\n${close}`],
    ["HTTP/2", 505, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"],
    ["a version of HTTP to come", 505, `GET /cups HTTP/9.1\r\nHost: x\r\n${close}`],
    ["TLS", 400, "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"],
    ["headers that are too large", 431, `GET /cups HTTP/1.1\r\nHost: x\r\nX: ${"x".repeat(20_000)}\r\n${close}`],
  ] as const)("%s", async ([, status, text]) => {
    const answer = await answerTo(text);
    expect(answer.status).toBe(status);
    expect(answer.head.toLowerCase()).toContain("content-type: application/problem+json");
    expect(JSON.parse(answer.body)).toMatchObject({ status, detail: expect.stringMatching(/\.$/) });
    const id = /^X-Request-Id: (.+)$/im.exec(answer.head)?.[1];
    expect(JSON.parse(answer.body).instance).toBe(`urn:uuid:${id}`);
    const line = await eventually(() => app.lines.find(({ requestId }) => requestId === id));
    expect(line).toMatchObject({ level: "info", req: { address: "127.0.0.1" }, res: { status } });
    if (status === 405) expect(answer.head).toMatch(/^Allow: [A-Z]/m);
  });
});

describe("an unusual request that is allowed is served:", () => {
  test.for([
    ["an absolute target", `GET http://elsewhere.example/cups?x HTTP/1.1\r\nHost: x\r\n${close}`],
    ["HTTP/1.0, without a Host", "GET /cups HTTP/1.0\r\n\r\n"],
    [
      "an offer to upgrade",
      "GET /cups HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, close\r\nUpgrade: websocket\r\n\r\n",
    ],
    ["an expectation nobody knows", `GET /cups HTTP/1.1\r\nHost: x\r\nExpect: coffee\r\n${close}`],
  ])("%s", async ([, text = ""]) => {
    expect(await answerTo(text)).toMatchObject({ status: 200, body: '"cups"' });
  });

  test("OPTIONS, of a path and of the service", async () => {
    for (const [target, allow] of [
      ["/cups", "GET, HEAD, POST"],
      ["*", "GET, HEAD, POST"],
    ]) {
      const answer = await answerTo(`OPTIONS ${target} HTTP/1.1\r\nHost: x\r\n${close}`);
      expect([answer.status, answer.body]).toEqual([204, ""]);
      expect(answer.head).toContain(`Allow: ${allow}`);
    }
  });
});
