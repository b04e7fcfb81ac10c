import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { expect, onTestFinished, test, vi } from "vitest";
import { watchHalfClosed } from "./half-closed.ts";
import { OpenRequests } from "./open-requests.ts";

// Real connections, and a clock that the test sets forward: each bound is seen without waiting for it.

interface HalfClosed {
  readonly socket: Socket;
  readonly response: ServerResponse;
  /** The `102`s that the service has sent. */
  readonly processing: ReturnType<typeof vi.fn>;
}

/** A connection whose client has sent a request and ended its side, as the service has just seen. */
async function halfClosed(version: "1.0" | "1.1", begin = (_response: ServerResponse) => {}): Promise<HalfClosed> {
  const requests = new OpenRequests();
  const server = Object.assign(createServer(), { httpAllowHalfOpen: true });
  server.on("connection", (socket: Socket) => watchHalfClosed(socket, requests));
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo;
  const client = connect({ port, host: "127.0.0.1", allowHalfOpen: true }).on("error", () => {});
  onTestFinished(() => {
    vi.useRealTimers();
    client.destroy();
    server.close();
  });
  client.resume().write(`GET / HTTP/${version}\r\nHost: x\r\n\r\n`);
  const [request, response] = await once(server, "request");
  requests.add({ request, response, start: () => {} });
  begin(response);
  const processing = vi.spyOn(response, "writeProcessing");
  const { socket } = request;
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
  const ended = once(socket, "end");
  client.end();
  await ended;
  return { socket, response, processing: processing as never };
}

const beginBody = (response: ServerResponse) => void response.writeHead(200, { "Content-Length": 100 }).write("half");

test("a waiting client is sent a 102 at once, after 20, 120 and 620 ms, and later every 5 s", async () => {
  const { processing } = await halfClosed("1.1");
  const sentAfter = [0, 20, 100, 500, 2_000, 5_000, 5_000].map((ms) => {
    vi.advanceTimersByTime(Math.max(0, ms - 1));
    const before = processing.mock.calls.length;
    vi.advanceTimersByTime(Math.min(1, ms));
    return [before, processing.mock.calls.length];
  });
  expect(sentAfter).toEqual([
    [1, 1],
    [1, 2],
    [2, 3],
    [3, 4],
    [4, 5],
    [5, 6],
    [6, 7],
  ]);
});

test("an HTTP/1.0 client, which knows no 102, is disconnected after a minute", async () => {
  const { socket, processing } = await halfClosed("1.0");
  vi.advanceTimersByTime(60_000);
  expect(socket.destroyed).toBe(false);
  vi.advanceTimersByTime(5_000);
  expect(socket.destroyed).toBe(true);
  expect(processing).not.toHaveBeenCalled();
});

test("a response that has begun and stands still for half a second ends with its connection", async () => {
  const { socket } = await halfClosed("1.1", beginBody);
  vi.advanceTimersByTime(500);
  expect(socket.destroyed).toBe(false);
  vi.advanceTimersByTime(200);
  expect(socket.destroyed).toBe(true);
});

test("a response that makes progress is left alone", async () => {
  const { socket, response } = await halfClosed("1.1", beginBody);
  for (const pause of [500, 400, 2_000, 4_000]) {
    response.write("more");
    vi.advanceTimersByTime(pause);
    expect(socket.destroyed).toBe(false);
  }
});
