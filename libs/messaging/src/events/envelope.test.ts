import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Envelope, fromWire, sequenceOf, toWire } from "./envelope.ts";

const envelope: Envelope = {
  specversion: "1.0",
  id: "0199e1a0-0000-7000-8000-000000000001",
  type: "OrderPlaced",
  source: "/doubleshot/orders",
  subject: "order#1",
  time: "2026-01-01T00:00:00.000Z",
  datacontenttype: "application/json",
  dataschema: "/doubleshot/orders/OrderPlaced/1",
  sequence: sequenceOf(1, 0),
  correlationid: "c",
  data: {},
};

describe("the message on the wire", () => {
  test("comes back as it went, in characters that every queue takes", () => {
    fc.assert(
      fc.property(fc.json({ stringUnit: "binary" }), (json) => {
        const data: unknown = JSON.parse(json);
        const wire = toWire({ ...envelope, data });
        expect(wire).toMatch(/^[\x20-\x7e\u00a0-\ud7ff\ue000-\ufffd]*$/);
        expect(fromWire(wire).data).toEqual(data);
      }),
    );
  });

  test("escapes emoji and control characters", () => {
    expect(toWire({ ...envelope, data: "☕\u{1f600}\u0007\ud800" })).toContain('"☕\\ud83d\\ude00\\u0007\\ud800"');
  });

  test("sorts by sequence as text in the order of version and index", () => {
    const sorted = [sequenceOf(1, 0), sequenceOf(1, 2), sequenceOf(2, 0), sequenceOf(10, 0), sequenceOf(10, 11)];
    expect(sorted.toSorted()).toEqual(sorted);
  });

  test.each([
    ["not JSON", "{", "not JSON"],
    ["no object", "7", "not a JSON object"],
    ["no CloudEvents", "{}", "not a CloudEvents 1.0"],
    ["without a type", JSON.stringify({ ...envelope, type: undefined }), '"type" is not text'],
    ["without a time", JSON.stringify({ ...envelope, time: "soon" }), '"time" is not a time'],
    ["without a version", JSON.stringify({ ...envelope, dataschema: "/x" }), '"dataschema" does not end in a version'],
  ])("that is %s is refused with a reason", (_, body, reason) => {
    expect(() => fromWire(body)).toThrow(reason);
  });
});
