import { fakeAws } from "@doubleshot/service-host/testing";
import { documentOf, slowFields } from "@doubleshot/service-kit/testing";
import { expect, test } from "vitest";
import { useCounters } from "./counter.fixture.ts";

const all = useCounters(fakeAws);

test("no text a caller sends takes time out of proportion to its length", { timeout: 240_000 }, async () => {
  const limits = { RATE_BURST: "1000000", OPEN_ORDERS: "1000000" };
  const { url } = await all.open({ ...limits, SWEEP: "off", HINTS: "off", CONSUME: "off" });
  expect(await slowFields(url, await documentOf(url))).toEqual([]);
});
