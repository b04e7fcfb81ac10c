import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Board, type BoardView } from "./board.ts";

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("window", new EventTarget());
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test("while the board is sent as a whole again, the page shows the former one", async () => {
  const encoder = new TextEncoder();
  let stream: ReadableStreamDefaultController<Uint8Array> | undefined;
  const start = (controller: ReadableStreamDefaultController<Uint8Array>) => {
    stream = controller;
  };
  vi.stubGlobal("fetch", async () => new Response(new ReadableStream({ start })));
  const leaving = new AbortController();
  let shown: BoardView | undefined;
  new Board((view) => {
    shown = view;
  }, leaving.signal);
  const send = async (...events: string[]) => {
    await vi.advanceTimersByTimeAsync(20);
    for (const event of events) stream?.enqueue(encoder.encode(event));
    await vi.advanceTimersByTimeAsync(1_500);
    return shown?.waiting.map(({ order_id }) => order_id);
  };
  const reset = "event: reset\ndata: {}\n\n";
  const current = `event: current\nid: ${new Date().toISOString()}\ndata: {}\n\n`;
  const ticket = (order_id: string) => {
    const json = { order_id, version: 1, status: "QUEUED", items: [], turn: 0, placed_at: order_id };
    return `event: ticket\ndata: ${JSON.stringify(json)}\n\n`;
  };
  expect(await send(reset, ticket("1"), ticket("2"), current)).toEqual(["1", "2"]);
  expect(await send(reset, ticket("2"))).toEqual(["1", "2"]);
  expect(await send(ticket("3"), current)).toEqual(["2", "3"]);
  leaving.abort();
});
