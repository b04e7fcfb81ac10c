import { Counter, Gauge } from "prom-client";
import { expect, onTestFinished, test } from "vitest";
import { openApp } from "../app.fixture.ts";
import { processMetrics } from "./process-metrics.ts";

test("/metrics shows the process, its event loop, and what the service counts, without a log line", async () => {
  const metrics = processMetrics();
  const coffees = new Counter({ name: "coffees_total", help: "Coffees served.", registers: [metrics] });
  const app = await openApp(() => {}, { metrics });
  onTestFinished(() => app[Symbol.asyncDispose]());
  coffees.inc(3);

  const response = await fetch(`${app.url}/metrics`);
  expect([response.status, response.headers.get("content-type")]).toEqual([
    200,
    "text/plain; version=0.0.4; charset=utf-8",
  ]);
  const names = (await response.text()).split("\n").map((line) => line.split(/[ {]/, 1)[0]);
  expect(names).toEqual(
    expect.arrayContaining([
      "coffees_total",
      "process_cpu_seconds_total",
      "process_resident_memory_bytes",
      "nodejs_eventloop_lag_p99_seconds",
    ]),
  );
  expect(app.lines).toEqual([]);
});

test("the event loop is looked at rarely enough for an idle process to rest", async () => {
  const metrics = processMetrics();
  // Each reading begins the next minimum, which takes two looks.
  const shortest = async () => /^nodejs_eventloop_lag_min_seconds (0\.\d+)$/m.exec(await metrics.metrics())?.[1];
  let seconds: string | undefined;
  const look = async () => {
    seconds = await shortest();
    return seconds;
  };
  await expect.poll(look, { interval: 500 }).toBeDefined();
  expect(Number(seconds)).toBeGreaterThan(0.045);
});

test("a metric that cannot be collected is a problem of that request, not of the process", async () => {
  const metrics = processMetrics();
  const gauge = { name: "broken", help: "Broken.", registers: [metrics] };
  new Gauge({ ...gauge, collect: () => Promise.reject(new Error("the sensor is gone")) });
  const app = await openApp(() => {}, { metrics });
  onTestFinished(() => app[Symbol.asyncDispose]());
  const response = await fetch(`${app.url}/metrics`);
  expect([response.status, response.headers.get("content-type")]).toEqual([
    500,
    "application/problem+json; charset=utf-8",
  ]);
  expect(await response.text()).not.toContain("sensor");
  expect((await fetch(`${app.url}/livez`)).status).toBe(200);
});

test("without a registry there is no such route", async () => {
  const app = await openApp(() => {});
  onTestFinished(() => app[Symbol.asyncDispose]());
  expect((await fetch(`${app.url}/metrics`)).status).toBe(404);
});
