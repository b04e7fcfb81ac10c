import { expect, test } from "vitest";
import { EventParser } from "./event-parser.ts";

const stream = 'retry: 1000\n\nevent: ticket\nid: 7\ndata: {"name":"Zoë"}\n\n:\n\ndata: a\ndata: b\n\nevent: ticket\n';

test.each([1, 3, 1_000])("events are read from chunks of %i characters", (size) => {
  const parser = new EventParser();
  const chunks = stream.match(new RegExp(`[\\s\\S]{1,${size}}`, "g")) ?? [];
  expect(chunks.flatMap((chunk) => parser.read(chunk))).toEqual([
    { name: "ticket", data: '{"name":"Zoë"}', id: "7" },
    { name: "message", data: "a\nb", id: "7" },
  ]);
});

test("the last id stays over events without one, and over a new connection", () => {
  const parser = new EventParser("6");
  expect(parser.read("data: 1\n\n")).toMatchObject([{ id: "6" }]);
  parser.read("id: 8\n\n");
  expect(parser.lastId).toBe("8");
});

test("an id becomes the last id only when its block is complete", () => {
  const parser = new EventParser("6");
  parser.read("id: 7\ndata: 1\n");
  expect(parser.lastId).toBe("6");
  expect(parser.read("\n")).toMatchObject([{ id: "7" }]);
  expect(parser.lastId).toBe("7");
});

test("a block without data is not an event, and the next event does not get its name", () => {
  expect(new EventParser().read("event: reset\r\n\r\ndata: 1\r\n\r\n")).toEqual([
    { name: "message", data: "1", id: "" },
  ]);
});
