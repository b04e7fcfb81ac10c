import { fakeAws } from "@doubleshot/service-host/testing";
import { describe, expect, test } from "vitest";
import { type Counter, json, useCounters } from "./counter.fixture.ts";

const all = useCounters(fakeAws);

/** All pages, by following their links, as lists of ids. */
async function pages(counter: Counter, path: string): Promise<string[][]> {
  const found: string[][] = [];
  for (let next: string | undefined = path; next !== undefined; ) {
    const response = await counter.get(next);
    expect(response.status).toBe(200);
    found.push((Object(await response.json()).orders as { id: string }[]).map(({ id }) => id));
    next = /^<([^>]+)>; rel="next"$/.exec(response.headers.get("link") ?? "")?.[1];
    if (found.length > 50) throw new Error("The list does not end.");
  }
  return found;
}

async function placeMany(counter: Counter, count: number): Promise<string[]> {
  const ids: string[] = [];
  for (let i = 0; i < count; i++) ids.push(await counter.place());
  return ids;
}

describe("the list of orders", () => {
  test("is newest first, page by page, each order once", async () => {
    const counter = await all.open();
    const ids = await placeMany(counter, 12);
    const found = await pages(counter, "/orders?limit=5");
    expect(found.map((page) => page.length).slice(0, 3)).toEqual([5, 5, 2]);
    expect(found.flat()).toEqual(ids.toReversed());
  });

  test("holds what was placed meanwhile on the first page, and leaves the next ones as they were", async () => {
    const counter = await all.open();
    const ids = await placeMany(counter, 4);
    const { next } = await json(counter.get("/orders?limit=2"));
    const newer = await counter.place();
    const second = await json(counter.get(`/orders?limit=2&cursor=${next}`));
    expect(second.orders).toMatchObject([{ id: ids[1] }, { id: ids[0] }]);
    expect((await json(counter.get("/orders?limit=1"))).orders).toMatchObject([{ id: newer }]);
  });

  test("can be of one status", async () => {
    const counter = await all.open();
    const ids = await placeMany(counter, 5);
    for (const id of [ids[1] ?? "", ids[3] ?? ""]) {
      await all.bar.finishes(id);
      await counter.untilIs(id, "COMPLETED");
    }
    expect((await pages(counter, "/orders?status=COMPLETED&limit=1")).flat()).toEqual([ids[3], ids[1]]);
    expect((await pages(counter, "/orders?status=CANCELLED")).flat()).toEqual([]);
  });

  test.each(["status=LATTE", "limit=0", "limit=101", "limit=x", "cursor=latte", `cursor=${"A".repeat(500)}`])(
    "?%s is refused",
    async (query) => {
      const counter = await all.open();
      expect((await counter.get(`/orders?${query}`)).status).toBe(400);
    },
  );

  test.each(["2026-99-99T~", "0000-00-00T~", "x", "2026-01-01T~ "])("a cursor like %s is refused", async (place) => {
    const counter = await all.open();
    expect((await counter.get(`/orders?cursor=${Buffer.from(place).toString("base64url")}`)).status).toBe(400);
  });
});
