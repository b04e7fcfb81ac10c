import { describe, expect, test } from "vitest";
import { itemSize } from "./item-size.ts";
import { checkFits } from "./transaction-limits.ts";

const put = (id: string, text = "") => ({ Put: { TableName: "notes", Item: { id, text } } });

describe("the limits of a transaction", () => {
  test("100 items fit, 101 do not, and the message says what counts", () => {
    expect(() => checkFits(Array.from({ length: 100 }, (_, n) => put(`${n}`)))).not.toThrow();
    expect(() => checkFits(Array.from({ length: 101 }, (_, n) => put(`${n}`)))).toThrow("101 items");
  });

  test("an item of more than 400 KB is refused by name", () => {
    const overhead = itemSize({ id: "1", text: "" });
    expect(() => checkFits([put("1", "x".repeat(400 * 1024 - overhead))])).not.toThrow();
    expect(() => checkFits([put("1", "x".repeat(400 * 1024 - overhead + 1))])).toThrow(
      'The item {"id":"1"} for notes is 409601',
    );
  });

  test("more than 4 MB in all is refused", () => {
    const writes = Array.from({ length: 11 }, (_, n) => put(`${n}`, "x".repeat(390_000)));
    expect(() => checkFits(writes)).toThrow("bytes in all");
  });

  test("an empty commit is refused", () => {
    expect(() => checkFits([])).toThrow("The commit is empty");
  });

  test("sizes follow DynamoDB's rules", () => {
    expect(itemSize({ a: "é" })).toBe(3);
    expect(itemSize({ n: 12345 })).toBe(1 + 4);
    expect(itemSize({ b: true, z: null, gone: undefined })).toBe(4);
    expect(itemSize({ l: ["ab", 1] })).toBe(1 + 3 + (1 + 2) + (1 + 2));
    expect(itemSize({ m: { k: "v" } })).toBe(1 + 3 + 1 + 1 + 1);
  });
});
