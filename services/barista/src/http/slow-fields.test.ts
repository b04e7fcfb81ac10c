import { type LocalAws, startLocalAws } from "@doubleshot/local-aws";
import { documentOf, slowFields } from "@doubleshot/service-kit/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { serveBar } from "./serve-bar.fixture.ts";

let aws: LocalAws;
beforeAll(async () => {
  aws = await startLocalAws();
});
afterAll(() => aws?.close());

test("no text a caller sends takes time out of proportion to its length", { timeout: 240_000 }, async () => {
  const { url } = await serveBar(aws, "slow-fields", { count: 1 });
  expect(await slowFields(url, await documentOf(url))).toEqual([]);
});
