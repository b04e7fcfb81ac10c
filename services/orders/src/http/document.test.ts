import { fakeAws } from "@doubleshot/service-host/testing";
import { keyHeaderPattern, toCursor } from "@doubleshot/service-kit";
import { documentOf } from "@doubleshot/service-kit/testing";
import { expect, test } from "vitest";
import { useCounters } from "./counter.fixture.ts";

const all = useCounters(fakeAws);

test("the document of the service is valid OpenAPI 3.1", async () => {
  const { url } = await all.open();
  expect((await documentOf(url)).info.title).toBe("Doubleshot orders");
});

test("generated clients learn what an Idempotency-Key and a cursor look like, as the service enforces it", async () => {
  const { url } = await all.open();
  const { paths } = await documentOf(url);
  const patternOf = (operation: unknown, name: string) =>
    (operation as { parameters: { name: string; schema: { pattern?: string } }[] }).parameters.find(
      (parameter) => parameter.name === name,
    )?.schema.pattern;
  for (const path of ["/orders", "/order"]) {
    expect(patternOf(paths[path]?.post, "Idempotency-Key")).toBe(keyHeaderPattern.source);
  }
  const cursor = new RegExp(patternOf(paths["/orders"]?.get, "cursor") ?? "none");
  for (const place of ["2026-01-31T~", "2026-01-31T08:30:00.000Z#01a1fc6f-67fa-72ac-a3ff-000000000002"]) {
    expect(toCursor(place)).toMatch(cursor);
  }
  for (const [header, query] of [
    ["a b", ""],
    ["k", "?cursor=latte"],
  ] as const) {
    const init = { method: query === "" ? "POST" : "GET", headers: { "idempotency-key": header } };
    expect((await fetch(`${url}/orders${query}`, init)).status).toBe(400);
  }
});
