import { type LocalAws, startLocalAws } from "@doubleshot/local-aws";
import { documentOf, routesOf } from "@doubleshot/service-kit/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { serveBar } from "./serve-bar.fixture.ts";

let aws: LocalAws;
beforeAll(async () => {
  aws = await startLocalAws();
});
afterAll(() => aws?.close());

test("the document is valid OpenAPI 3.1, and has every route and no other", async () => {
  const { url, app } = await serveBar(aws, "document");
  const { paths } = await documentOf(url);
  const described = Object.entries(paths).flatMap(([path, operations]) =>
    Object.keys(operations).map((method) => `${method} ${path}`),
  );
  expect(described.sort()).toEqual(routesOf(app));
  expect(described).toContain("post /claims/{order_id}/finish");
});

test("what the bar promises to programs does not change unnoticed", async () => {
  const { url } = await serveBar(aws, "document-kept");
  const { paths, components } = await documentOf(url);
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(
      ([method, { operationId, responses }]) =>
        `${operationId}: ${method} ${path} -> ${Object.keys(responses).join(" ")}`,
    ),
  );
  expect(operations.sort()).toMatchSnapshot();
  expect(components).toMatchSnapshot();
});
