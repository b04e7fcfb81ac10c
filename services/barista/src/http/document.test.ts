import { fakeAws } from "@doubleshot/service-host/testing";
import { documentOf } from "@doubleshot/service-kit/testing";
import { expect, test } from "vitest";
import { useBarista } from "../barista.fixture.ts";
import { serveBar } from "./serve-bar.fixture.ts";

const service = useBarista(fakeAws);

test("what the bar promises to programs does not change unnoticed", async () => {
  const { url } = await serveBar(service, "document-kept");
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
