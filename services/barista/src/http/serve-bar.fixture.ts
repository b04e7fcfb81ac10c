import type { LocalAws } from "@doubleshot/local-aws";
import { createApp, createLogger, openApiDocument, serve } from "@doubleshot/service-kit";
import { conformity } from "@doubleshot/service-kit/testing";
import type { Express } from "express";
import { expect, onTestFinished } from "vitest";
import { openBar, queueOrders, StoppedClock } from "../bar.fixture.ts";
import { barDocument } from "./bar-document.ts";
import { HandOver } from "./hand-over.ts";
import { outageAsProblem } from "./outage-problem.ts";

interface Options {
  readonly count?: number;
  readonly before?: (app: Express) => void;
  /** Instead of the one that stands still. */
  readonly clock?: Pick<StoppedClock, "now">;
  readonly hints?: boolean;
  readonly mostWaiting?: number;
}

/** A bar with its router served on a free port until the test ends, a clock of its own and `count` orders in line. */
export async function serveBar(
  aws: LocalAws,
  name: string,
  { count = 0, before = (_app: Express) => {}, clock: given, hints = false, mostWaiting = 1_000 }: Options = {},
) {
  const clock = new StoppedClock();
  const bar = openBar(aws, { bar: name, clock: given ?? clock, hints, mostWaiting });
  const log = createLogger("barista", "silent");
  const handOver = new HandOver(bar.claims, bar.releases, log);
  const document = barDocument(bar.container, handOver);
  const routes = (app: Express) => {
    before(app);
    app.use(...document.apis.map(({ router }) => router), outageAsProblem);
  };
  const app = createApp({ name: "barista", log, ready: () => true, document, routes, trustProxy: 1 });
  const serving = await serve(app, { host: "127.0.0.1", port: 0 });
  onTestFinished(async () => {
    bar.claims.close();
    bar.board.close();
    await serving.close();
  });
  const ids = await queueOrders(aws, bar, { clock, count });
  /** Holds every answer to the bar's own document. */
  const { fetch, checked } = conformity(openApiDocument(document));
  const start = (init: RequestInit = {}) => fetch(`${serving.url}/start/`, init);
  const finish = (query: string, body?: unknown) =>
    fetch(`${serving.url}/finish/?${query}`, {
      method: "POST",
      ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { "content-type": "application/json" } }),
    });
  const post = (path: string, body?: unknown, headers: Record<string, string> = {}) =>
    fetch(serving.url + path, {
      method: "POST",
      headers: { ...headers, ...(body === undefined ? {} : { "content-type": "application/json" }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  const get = (path: string, init?: RequestInit) => fetch(serving.url + path, init);
  return { ...bar, app, clock, handOver, url: serving.url, ids, start, finish, post, get, checked };
}

/** The answer is a problem document; returns what it says. */
export async function expectProblem(response: Response, status: number): Promise<string> {
  expect(response.headers.get("content-type")).toContain("application/problem+json");
  const problem = (await response.json()) as { status: number; detail: string };
  expect(problem).toMatchObject({ status });
  expect(response.status).toBe(status);
  expect(problem.detail).not.toBe("");
  return problem.detail;
}
