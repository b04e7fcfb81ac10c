import { once } from "node:events";
import { connect } from "node:net";
import { afterEach, describe, expect, test, vi } from "vitest";
import { setIdentity } from "../access/identity.ts";
import { eventually, openApp, type TestApp } from "../app.fixture.ts";
import { EventStream } from "./event-stream.ts";

let app: TestApp;
const streams: EventStream[] = [];
afterEach(async () => {
  vi.useRealTimers();
  for (const stream of streams.splice(0)) stream.end();
  await app?.[Symbol.asyncDispose]();
});

async function open() {
  app = await openApp((express) => {
    express.get("/events", (_request, response) => {
      streams.push(new EventStream(response));
    });
  });
  return `${app.url}/events`;
}

/** A client who reads; everything read so far is in `text`. */
async function read(url: string) {
  const gone = new AbortController();
  const response = await fetch(url, { signal: gone.signal });
  const client = { response, text: "", ended: false, leave: () => gone.abort() };
  const decoder = new TextDecoder();
  void (async () => {
    for await (const chunk of response.body ?? []) client.text += decoder.decode(chunk, { stream: true });
  })()
    .catch(() => {})
    .finally(() => {
      client.ended = true;
    });
  return client;
}

/** A client that connects and does not read. */
async function idle(url: string) {
  const { port, pathname } = new URL(url);
  const socket = connect(Number(port), "127.0.0.1");
  socket.pause();
  socket.write(`GET ${pathname} HTTP/1.1\r\nHost: x\r\n\r\n`);
  socket.on("error", () => undefined);
  return { stream: await eventually(() => streams[0]), socket };
}

const big = "x".repeat(64 * 1024);

describe("an event stream", () => {
  test("sends events in the standard's format", async () => {
    const client = await read(await open());
    expect(client.response.headers.get("content-type")).toBe("text/event-stream; charset=utf-8");
    expect(client.response.headers.get("cache-control")).toBe("no-store");
    streams[0]?.send({ event: "ticket", id: "7", data: { name: "Zoë\n☕" } });
    streams[0]?.send({ data: null });
    const expected = 'retry: 1000\n\nevent: ticket\nid: 7\ndata: {"name":"Zoë\\n☕"}\n\ndata: null\n\n';
    await eventually(() => (client.text === expected ? true : undefined));
  });

  test("sends a comment every 15 s", async () => {
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
    const client = await read(await open());
    vi.advanceTimersByTime(14_999);
    streams[0]?.send({ data: 1 });
    vi.advanceTimersByTime(15_001);
    streams[0]?.end();
    await eventually(() => client.ended || undefined);
    expect(client.text).toBe("retry: 1000\n\ndata: 1\n\n:\n\n:\n\n");
  });

  test("ends when told to, and then sends nothing", async () => {
    const client = await read(await open());
    const [stream] = streams;
    stream?.end();
    stream?.send({ data: 1 });
    await stream?.closed;
    await eventually(() => client.ended || undefined);
    expect(client.text).not.toContain("data");
  });

  test("is over when the client leaves", async () => {
    const client = await read(await open());
    client.leave();
    await streams[0]?.closed;
  });

  test("is over at once for a client who left before there was one", async () => {
    const arrived = Promise.withResolvers<void>();
    const late = Promise.withResolvers<EventStream>();
    app = await openApp((express) => {
      express.get("/events", async (_request, response) => {
        arrived.resolve();
        await once(response, "close");
        late.resolve(new EventStream(response));
      });
    });
    const client = new AbortController();
    const left = expect(fetch(`${app.url}/events`, { signal: client.signal })).rejects.toThrow();
    await arrived.promise;
    client.abort();
    await left;
    const stream = await late.promise;
    await stream.closed;
  });
});

test.each([
  ["when its token expires", 10 * 60_000, 10 * 60_000],
  ["after an hour, so that a token of months is checked again", 90 * 24 * 60 * 60_000, 60 * 60_000],
])("a stream ends %s", async (_, lifetimeMs, endsAfterMs) => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"] });
  app = await openApp((express) => {
    express.get("/events", (request, response) => {
      setIdentity(request, { reach: "all", expiresAt: Date.now() + lifetimeMs });
      streams.push(new EventStream(response));
    });
  });
  const client = await read(`${app.url}/events`);
  vi.advanceTimersByTime(endsAfterMs - 1);
  streams[0]?.send({ data: "still open" });
  vi.advanceTimersByTime(1);
  vi.useRealTimers();
  await eventually(() => client.ended || undefined);
  expect(client.text).toContain("still open");
});

describe("an event stream whose client is behind", () => {
  test("sends events of the moment after those of the past", async () => {
    const client = await read(await open());
    const [stream] = streams;
    const past = function* () {
      for (let id = 1; id <= 40; id++) {
        if (id === 20) stream?.send({ id: "41", data: "now" });
        yield { id: String(id), data: big };
      }
    };
    await stream?.sendAll(past());
    await eventually(() => (client.text.includes("id: 41") ? true : undefined));
    const ids = [...client.text.matchAll(/^id: (\d+)$/gm)].map(([, id]) => Number(id));
    expect(ids).toEqual(Array.from({ length: 41 }, (_, index) => index + 1));
  });

  test.each([
    [1_000, "all come in order"],
    [1_001, "the stream ends"],
  ])("keeps %d events: %s", async (count) => {
    const client = await read(await open());
    const [stream] = streams;
    // Larger than the buffer of a response: the events after it wait until it has drained.
    stream?.send({ data: big });
    for (let sent = 1; sent <= count; sent++) stream?.send({ data: sent });
    await eventually(() => client.ended || client.text.endsWith("data: 1000\n\n") || undefined);
    if (count > 1_000) await stream?.closed;
    const received = [...client.text.matchAll(/^data: (\d+)$/gm)].map(([, data]) => Number(data));
    expect(received).toEqual(count > 1_000 ? [] : Array.from({ length: count }, (_, index) => index + 1));
  });

  test("takes no more of the past than the client reads", async () => {
    const { stream, socket } = await idle(await open());
    let made = 0;
    const past = function* () {
      for (; made < 5_000; made++) yield { data: big };
    };
    const sent = stream.sendAll(past());
    socket.destroy();
    await sent;
    expect(made).toBeLessThan(1_000);
  });
});
