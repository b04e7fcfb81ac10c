import { Registry } from "prom-client";
import { expect, onTestFinished, test } from "vitest";
import { openApp } from "../app.fixture.ts";

test("each request that is no probe is measured, by its method, route and status", async () => {
  const metrics = new Registry();
  let reached = (): void => undefined;
  const app = await openApp(
    (app) => {
      app.get("/orders/:id", (_request, response) => void response.json("here"));
      app.get("/never", () => reached());
    },
    { metrics },
  );
  onTestFinished(app[Symbol.asyncDispose]);
  const gone = new AbortController();
  reached = () => gone.abort();
  await fetch(`${app.url}/orders/1`);
  await fetch(`${app.url}/orders/2`);
  await fetch(`${app.url}/nowhere`, { method: "PROPFIND" });
  await fetch(`${app.url}/livez`);
  await expect(fetch(`${app.url}/never`, { signal: gone.signal })).rejects.toThrow();

  const counts = async () => {
    const lines = (await metrics.metrics()).split("\n");
    return lines.flatMap((line) => /_count\{(.*)\} (\d+)/.exec(line)?.slice(1).join(" ") ?? []).toSorted();
  };
  await expect.poll(counts, { interval: 5 }).toHaveLength(3);
  expect(await counts()).toEqual([
    'http_request_method="GET",http_route="/never",http_response_status_code="499" 1',
    'http_request_method="GET",http_route="/orders/:id",http_response_status_code="200" 2',
    'http_request_method="_OTHER",http_route="",http_response_status_code="404" 1',
  ]);
});
