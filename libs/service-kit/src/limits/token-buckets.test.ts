import { expect, test } from "vitest";
import { entriesWalked } from "../testing/index.ts";
import { TokenBuckets } from "./token-buckets.ts";

function buckets(rate = { burst: 3, perSecond: 2 }) {
  let time = 0;
  const made = new TokenBuckets(rate, () => time);
  const pass = (seconds: number) => {
    time += seconds * 1_000;
  };
  return Object.assign(made, { pass });
}

test("a burst passes, then so much a second, and nobody pays for another", () => {
  const rate = buckets();
  expect([1, 2, 3, 4].map(() => rate.take("ada"))).toEqual([true, true, true, false]);
  expect(rate.take("bob")).toBe(true);
  rate.pass(0.5);
  expect([rate.take("ada"), rate.take("ada")]).toEqual([true, false]);
  rate.pass(60);
  expect([1, 2, 3, 4].map(() => rate.take("ada"))).toEqual([true, true, true, false]);
});

test("a quota has whole tokens and whole seconds", () => {
  const rate = buckets();
  expect(rate.quota("ada")).toEqual({ left: 3, fullInSeconds: 0, nextInSeconds: 0 });
  for (let i = 0; i < 3; i++) rate.take("ada");
  expect(rate.quota("ada")).toEqual({ left: 0, fullInSeconds: 2, nextInSeconds: 1 });
  rate.pass(0.6);
  expect(rate.quota("ada")).toEqual({ left: 1, fullInSeconds: 1, nextInSeconds: 0 });
});

test("a token given back can be taken again, and never makes more than a burst", () => {
  const rate = buckets({ burst: 1, perSecond: 0.001 });
  rate.giveBack("ada");
  expect([rate.take("ada"), rate.take("ada")]).toEqual([true, false]);
  rate.giveBack("ada");
  expect([rate.take("ada"), rate.take("ada")]).toEqual([true, false]);
});

test("looking at a quota remembers nobody, and a crowd of addresses is bounded", () => {
  const rate = buckets();
  for (let i = 0; i < 10; i++) rate.quota(`watcher-${i}`);
  expect(rate.size).toBe(0);
  for (let i = 0; i < 100_500; i++) rate.take(`attacker-${i}`);
  expect(rate.size).toBeLessThanOrEqual(100_000);
});

test("a newcomer costs the same few steps, however many buckets there are", async () => {
  const rate = buckets();
  for (let i = 0; i < 100_000; i++) rate.take(`attacker-${i}`);
  const beyond = await entriesWalked(() => {
    for (let i = 0; i < 100; i++) rate.take(`newcomer-${i}`);
  });
  expect(rate.size).toBe(100_000);
  expect(beyond).toBeLessThanOrEqual(200);
});

test("an empty bucket stays empty through a crowd of newcomers, as long as its caller goes on asking", () => {
  const rate = buckets({ burst: 3, perSecond: 0.001 });
  for (let i = 0; i < 3; i++) rate.take("mallory");
  for (let i = 0; i < 150_000; i++) {
    rate.take(`newcomer-${i}`);
    if (i % 50_000 === 0) expect(rate.take("mallory")).toBe(false);
  }
  expect(rate.take("mallory")).toBe(false);
});
