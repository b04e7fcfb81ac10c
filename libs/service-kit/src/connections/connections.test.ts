import { channel } from "node:diagnostics_channel";
import { once } from "node:events";
import type { Socket } from "node:net";
import { Readable } from "node:stream";
import { describe, expect, onTestFinished, test } from "vitest";
import { eventually, openApp } from "../app.fixture.ts";
import { jsonBody } from "../input/index.ts";
import { RawClient } from "../raw-client.fixture.ts";
import { EventStream } from "../streams/index.ts";
import type { ServeOptions } from "./serve.ts";

const host = "Host: x";
const chunk = "x".repeat(64_000);

function* endless() {
  for (;;) yield chunk;
}

/** A service and its ends of the connections, which are what must be gone. */
async function openService(options: Partial<ServeOptions> = {}) {
  const sockets: Socket[] = [];
  const counted = { count: 0 };
  const app = await openApp((app) => {
    app.post("/read", jsonBody({ others: "ignored" }), (_request, response) => void response.json("read"));
    app.post("/unread", (_request, response) => void response.json("unread"));
    app.get("/wait", () => {});
    app.all("/endless", (request, response) => {
      request.resume();
      Readable.from(endless()).pipe(response);
    });
    app.get("/count", (_request, response) => {
      counted.count += 1;
      response.end();
    });
    app.get("/events", (_request, response) => {
      const stream = new EventStream(response);
      void stream.sendAll(
        (function* () {
          for (const data of endless()) yield { data };
        })(),
      );
    });
  }, options);
  const port = app.port;
  const listen = (message: unknown) => {
    const { socket } = message as { socket: Socket };
    if (socket.localPort === port) sockets.push(socket);
  };
  channel("net.server.socket").subscribe(listen);
  onTestFinished(async () => {
    channel("net.server.socket").unsubscribe(listen);
    for (const socket of sockets) socket.destroy();
    await app[Symbol.asyncDispose]();
  });
  const allGone = () =>
    eventually(() => (sockets.length > 0 && sockets.every(({ destroyed }) => destroyed) ? true : undefined), 20_000);
  return { app, sockets, counted, client: () => new RawClient(port), allGone };
}

const upload = [`POST /read HTTP/1.1`, host, "Content-Type: application/json"];
const sendTimeouts = { requestTimeoutMs: 300, headersTimeoutMs: 300 };

describe("a connection is gone soon, though its client neither reads nor closes,", () => {
  test.for([
    ["sent no request", ""],
    ["stopped in its headers", "GET / HTT"],
    ["stopped in its body", "POST /read HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nhalf"],
    ["stopped in a body after its answer", "POST /unread HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nhalf"],
    ["sent what is no request", "coffee, please\r\n\r\n"],
    ["sent headers that are too large", `GET / HTTP/1.1\r\nHost: x\r\nX: ${"x".repeat(20_000)}\r\n\r\n`],
    ["wanted a tunnel", "CONNECT x:1 HTTP/1.1\r\nHost: x\r\n\r\n"],
    ["announced a body that is too large", "POST /read HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999\r\n\r\nhalf"],
    ["said that it would close", "POST /read HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"],
    ["sent no Host", "GET /livez HTTP/1.1\r\n\r\n"],
  ])("that %s", async ([, text = ""]) => {
    const { client, allGone } = await openService(sendTimeouts);
    const { socket } = client();
    await once(socket, "connect");
    socket.pause().write(text);
    await allGone();
  });

  test.for(["/endless", "/events"])("that has %s to take", async (path) => {
    const { client, allGone } = await openService({ maxStallMs: 200 });
    const idle = client().send([`GET ${path} HTTP/1.1`, host]);
    idle.socket.pause();
    await allGone();
  });

  test("that takes nothing, and sends on", async () => {
    const { client, allGone } = await openService({ maxStallMs: 200 });
    const idle = client().send(["POST /endless HTTP/1.1", host, "Transfer-Encoding: chunked"]);
    idle.socket.pause();
    const more = setInterval(() => idle.socket.writable && idle.socket.write("1\r\nx\r\n"), 20);
    onTestFinished(() => clearInterval(more));
    await allGone();
  });

  test.for([
    ["what is no request", "coffee, please\r\n\r\n"],
    ["a body that is too large", "POST /read HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"],
  ])("that sends on for ever after %s", async ([, text = ""]) => {
    const { client, allGone } = await openService();
    const { socket } = client();
    socket.pause().write(text);
    const more = () => {
      while (socket.writable && socket.write(`fa00\r\n${chunk}\r\n`)) {}
    };
    socket.on("drain", more);
    more();
    await allGone();
  });
});

test("a client that reads slowly gets all of its answer", async () => {
  const { client } = await openService({ maxStallMs: 1_000 });
  const slow = client().send(["GET /endless HTTP/1.1", host]);
  let read = 0;
  slow.socket.on("data", (data) => {
    read += data.length;
    slow.socket.pause();
    setTimeout(() => slow.socket.resume(), 2);
  });
  const started = performance.now();
  await eventually(() => (performance.now() - started > 2_500 && read > 1_000_000 ? true : undefined));
  expect(slow.isClosed).toBe(false);
});

describe("a body over the limit is answered with 413, and not read on,", () => {
  const tooLarge = /^HTTP\/1\.1 413 [\s\S]*connection: close[\s\S]*"status":413/i;

  test.for([["/read"], ["/unread"]])("when its length says so, at %s", async ([path]) => {
    const { client, sockets } = await openService();
    const answer = await client()
      .send([`POST ${path} HTTP/1.1`, host, "Content-Length: 60000000"], "begun")
      .ended();
    expect(answer).toMatch(path === "/read" ? tooLarge : /^HTTP\/1\.1 200 [\s\S]*connection: close/i);
    expect(sockets[0]?.bytesRead).toBeLessThan(1_000);
  });

  test("when it passes the limit", async () => {
    const { client, sockets, allGone } = await openService();
    const uploading = client()
      .send([...upload, "Transfer-Encoding: chunked"])
      .reading();
    const more = () => {
      while (uploading.socket.writable && uploading.socket.write(`fa00\r\n${chunk}\r\n`)) {}
    };
    uploading.socket.on("drain", more);
    more();
    await uploading.got('"status":413');
    expect(uploading.text).toMatch(tooLarge);
    await allGone();
    expect(sockets[0]?.bytesRead).toBeLessThan(5_000_000);
  });

  test("also for a client that sends all of a moderate body before it reads", async () => {
    const { client, sockets } = await openService();
    const whole = client().send([...upload, "Content-Length: 700000"]);
    await eventually(() => (sockets[0]?.writableFinished ? true : undefined));
    for (let sent = 0; sent < 700_000; sent += 70_000) {
      const written = Promise.withResolvers<void>();
      whole.socket.write("x".repeat(70_000), (error) => (error ? written.reject(error) : written.resolve()));
      await written.promise;
    }
    expect(await whole.ended()).toMatch(tooLarge);
  });

  test("without telling the client to go on, when it asks", async () => {
    const { client } = await openService();
    const careful = await client()
      .send([...upload, "Expect: 100-continue", "Content-Length: 17000"])
      .ended();
    expect(careful).toMatch(tooLarge);
  });
});

test("a client that asks whether to go on is told so where its body is read, and nowhere else", async () => {
  const { client } = await openService();
  const careful = client()
    .send([...upload, "Expect: 100-continue", "Content-Length: 2", "Connection: close"])
    .reading();
  await careful.got("HTTP/1.1 100 Continue\r\n\r\n");
  careful.socket.write("{}");
  await careful.got('"read"');
  const nowhere = ["POST /nowhere HTTP/1.1", host, "Expect: 100-continue", "Content-Length: 2"];
  expect(await client().send(nowhere).ended()).toMatch(/^HTTP\/1\.1 404 [\s\S]*connection: close/i);
});

test("no request is served after an answer that closes the connection", async () => {
  const { client, counted, allGone } = await openService();
  const eager = client().send(["POST /unread HTTP/1.1", host, "Content-Length: 70000"]).reading();
  await eager.got('"unread"');
  eager.socket.write("x".repeat(70_000));
  eager.send(["GET /count HTTP/1.1", host]);
  await allGone();
  expect(counted.count).toBe(0);
});

test("a small body that nobody reads leaves the connection to its next request", async () => {
  const { client } = await openService();
  const kept = client().send(["POST /nowhere HTTP/1.1", host, "Content-Length: 4"]).reading();
  await kept.got('"status":404');
  kept.socket.write("body");
  kept.send(["GET /livez HTTP/1.1", host]);
  await kept.got('"status":"ok"');
});
