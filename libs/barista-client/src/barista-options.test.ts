import { describe, expect, test } from "vitest";
import { createBarista } from "./index.ts";

/** A worker that ends before its first claim. */
const signal = AbortSignal.abort();
const options = { url: "http://localhost:9703", brew: () => undefined, signal };

/** Calls without type checks, like one with a variable that is not set. */
const create = (changes: object) => createBarista({ ...options, ...changes });

const noCallback = ["", null, {}, 7];
const noWholeNumber = [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, "4", null];

describe.each<[option: string, allowed: string, wrong: readonly unknown[], right: readonly unknown[]]>([
  [
    "url",
    "the URL of the bar, such as http://localhost:9703",
    [
      ...[undefined, null, "", "bar", "localhost:9703", "ftp://bar", "/claims", 9703, new URL("http://bar"), {}],
      ...["http://", "http://user:secret@bar", "http://bar?x=1", "http://bar?", "http://bar#x"],
      ...[[], [""], ["http://bar", "localhost:9703"], [["http://bar"]]],
    ],
    ["https://bar.example", "http://[::1]:9703/", " http://bar/behind/a/path// ", ["http://bar-1", "http://bar-2"]],
  ],
  [
    "token",
    "a token, in visible ASCII characters without spaces, or a function that returns one, or leave it out",
    ["", null, 7, "swordfish\n", "sword fish", "Bücherei"],
    [undefined, "swordfish", () => "swordfish"],
  ],
  ["brew", "a function", [undefined, ...noCallback], [async () => "made"]],
  ["signal", "an AbortSignal", [undefined, null, {}, new AbortController()], [AbortSignal.any([signal])]],
  ["abandon", "an AbortSignal, or leave it out", [null, {}, new AbortController()], [undefined, signal]],
  ["concurrency", "a whole number of orders from 1 to 10,000", [...noWholeNumber, 10_001], [undefined, 1, 10_000]],
  [
    "leaseSeconds",
    "a whole number of seconds from 1 to 43,200",
    [...noWholeNumber, 43_201, 1e9],
    [undefined, 1, 43_200],
  ],
  ["events", "an object, or leave it out", ["", null, 7], [undefined, {}, { taken: undefined }]],
])("createBarista's %s", (option, allowed, wrong, right) => {
  test.each(wrong.map((value) => [value]))("refuses %o at the call, in a sentence", (value) => {
    const call = () => create({ [option]: value });
    expect(call).toThrow(TypeError);
    expect(call).toThrow(`createBarista's ${option} is `);
    expect(call).toThrow(`give it ${allowed}`);
    expect(call).toThrow(/^[^\n]+\.$/);
  });

  test.each(right.map((value) => [value]))("takes %o", async (value) => {
    await expect(create({ [option]: value }).closed).resolves.toBeUndefined();
  });
});

test("a wrong token is not repeated in the sentence", () => {
  expect(() => create({ token: "swordfish\n" })).toThrow(/^(?!.*swordfish).*$/);
});

test.each(["taken", "finishing", "finished", "trouble"])(
  "createBarista refuses events with a %s that is no function",
  (name) => {
    for (const value of noCallback) {
      expect(() => create({ events: { [name]: value } })).toThrow(`createBarista's events.${name} is `);
    }
  },
);

test.each([undefined, null, "http://bar"])("createBarista(%o) is refused, in a sentence", (value) => {
  const call = createBarista as (value: unknown) => unknown;
  expect(() => call(value)).toThrow(/^createBarista's options is .+: give it an object\.$/);
});
