import { fakeAws } from "@doubleshot/service-host/testing";
import { documentOf, slowFields } from "@doubleshot/service-kit/testing";
import { expect, test } from "vitest";
import { useBarista } from "../barista.fixture.ts";
import { serveBar } from "./serve-bar.fixture.ts";

const service = useBarista(fakeAws);

test("no text a caller sends takes time out of proportion to its length", { timeout: 240_000 }, async () => {
  const { url } = await serveBar(service, "slow-fields", { count: 1 });
  expect(await slowFields(url, await documentOf(url))).toEqual([]);
});
