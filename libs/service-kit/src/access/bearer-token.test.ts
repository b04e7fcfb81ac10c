import { expect, test } from "vitest";
import { readBearerToken } from "./bearer-token.ts";

test.each([
  ["Bearer abc.def-_~+/==", "abc.def-_~+/=="],
  ["bearer abc", "abc"],
  ["BEARER   abc", "abc"],
])("%j has a token", (header, token) => {
  expect(readBearerToken(header)).toEqual({ kind: "token", token });
});

test.each([undefined, "", "Basic YTpi", "Bearerabc", "Negotiate abc"])("%j has none", (header) => {
  expect(readBearerToken(header)).toEqual({ kind: "none" });
});

test.each(["Bearer", "Bearer ", "Bearer a b", "Bearer a,b", "Bearer =", 'Bearer "a"'])("%j is malformed", (header) => {
  expect(readBearerToken(header)).toEqual({ kind: "malformed" });
});
