import { expect, test } from "vitest";
import { publicKeysAt, type SigningKey, signingKeyAt, stateAt } from "./signing-key.ts";

const minute = 60_000;
const day = 24 * 60 * minute;
const keyOf = (id: string, signsFrom: number): SigningKey => ({
  id,
  signsFrom,
  privateKey: { kty: "EC", crv: "P-256", x: `x-${id}`, y: `y-${id}`, d: `private-${id}` },
});

/** The state of each key, by its id. */
const statesAt = (keys: readonly SigningKey[], now: number) =>
  Object.fromEntries(keys.map((key) => [key.id, stateAt(key, keys, now)]));

test("a key is announced, signs, retires with its last token, and is retired", () => {
  const keys = [keyOf("old", 0), keyOf("new", 10 * minute)];
  expect(statesAt(keys, 9 * minute)).toEqual({ old: "signing", new: "announced" });
  expect(statesAt(keys, 10 * minute)).toEqual({ old: "retiring", new: "signing" });
  expect(statesAt(keys, 10 * minute + day)).toEqual({ old: "retiring", new: "signing" });
  expect(statesAt(keys, 10 * minute + day + 31_000)).toEqual({ old: "retired", new: "signing" });
});

test("a key retires with its direct successor, however many come later", () => {
  const keys = [keyOf("a", 0), keyOf("b", minute), keyOf("c", day)];
  expect(statesAt(keys, day + 2 * minute)).toEqual({ a: "retired", b: "retiring", c: "signing" });
});

test("if the signing key was revoked, the first announced one signs at once", () => {
  const keys = [keyOf("b", 20 * minute), keyOf("a", 10 * minute)];
  expect(signingKeyAt(keys, 0)?.id).toBe("a");
  expect(statesAt(keys, 0)).toEqual({ a: "signing", b: "announced" });
  expect(signingKeyAt([], 0)).toBeUndefined();
});

test("of two first keys of the same moment one signs, and both are published", () => {
  const keys = [keyOf("b", 0), keyOf("a", 0)];
  expect(statesAt(keys, 1)).toEqual({ a: "signing", b: "retiring" });
});

test("the JWKS has every key but the retired ones, and nothing private", () => {
  const keys = [keyOf("old", 0), keyOf("signs", day), keyOf("next", 2 * day + 2 * minute)];
  const published = publicKeysAt(keys, 2 * day + minute);
  expect(published.keys.map(({ kid }) => kid)).toEqual(["signs", "next"]);
  expect(JSON.stringify(published)).not.toContain("private");
  expect(published.keys[0]).toEqual({
    ...{ kty: "EC", crv: "P-256", x: "x-signs", y: "y-signs" },
    ...{ kid: "signs", alg: "ES256", use: "sig" },
  });
});
