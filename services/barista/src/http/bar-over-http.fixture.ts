import type { RequestListener, ServerResponse } from "node:http";
import { host, serviceApp } from "@doubleshot/service-host";
import { openApiDocument, serve } from "@doubleshot/service-kit";
import { type Conformance, conformance } from "@doubleshot/service-kit/testing";
import { expect, onTestFinished } from "vitest";
import { openBar, queueOrders, StoppedClock } from "../bar-instance.fixture.ts";
import type { BaristaUnderTest } from "../barista-service.fixture.ts";
import { AnswerWithClaim } from "./answer-with-claim.ts";

interface Options {
  readonly count?: number;
  /** Called with each response before the app handles its request. */
  readonly before?: (response: ServerResponse) => void;
  /** Instead of the one that stands still. */
  readonly clock?: Pick<StoppedClock, "now">;
  readonly hints?: boolean;
  readonly maxWaiting?: number;
}

/** One for all bars: their documents are the same, and a document costs more than a bar. */
let described: Conformance | undefined;

/** A bar with its router served on a free port until the test ends, a clock of its own and `count` orders in line. */
export async function serveBar(
  here: BaristaUnderTest,
  name: string,
  { count = 0, before, clock: given, hints = false, maxWaiting = 1_000 }: Options = {},
) {
  const clock = new StoppedClock();
  const bar = openBar(here, { bar: name, clock: given ?? clock, hints, maxWaiting });
  const answerWithClaim = bar.container.get(AnswerWithClaim);
  const app = serviceApp({
    name: "barista",
    container: bar.container,
    config: { TRUST_PROXY: 1 },
    ready: () => true,
  });
  const listener: RequestListener = (request, response) => {
    before?.(response);
    app(request, response);
  };
  const serving = await serve(listener, { host: "127.0.0.1", port: 0 });
  onTestFinished(async () => {
    bar.claims.close();
    bar.board.close();
    await serving.close();
  });
  const ids = await queueOrders(here, bar, { clock, count });
  described ??= conformance(openApiDocument(bar.container.get(host.http)));
  const { fetch } = described;
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
  return { ...bar, clock, answerWithClaim, url: serving.url, ids, start, finish, post, get };
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
