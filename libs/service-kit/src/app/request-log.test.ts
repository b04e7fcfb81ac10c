import { setImmediate as turn } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { eventually, openApp, type TestApp } from "../app.fixture.ts";
import { jsonBody } from "../input/index.ts";
import { ProblemError } from "../problems/index.ts";
import { requestContext } from "../process/index.ts";

let app: TestApp;
let release: (() => void) | undefined;

beforeAll(async () => {
  app = await openApp((app) => {
    app.post("/order", jsonBody({ others: "ignored" }), async (request, response) => {
      await turn();
      request.log.info("working");
      response.set("X-Secret", "swordfish").json(requestContext());
    });
    app.get("/later", () => {
      throw new ProblemError(503, "Come back later.");
    });
    app.get("/limited", () => {
      throw new ProblemError(429, "You come too often.");
    });
    app.get("/half", (_request, response) => void response.type("json").write("["));
    app.get("/stream", (_request, response) => void response.type("text/event-stream").write(":\n\n"));
    app.get("/held", (_request, response) => {
      release = () => response.end();
    });
  });
});
afterAll(() => app?.[Symbol.asyncDispose]());

const linesOf = (requestId: unknown) => app.lines.filter((line) => line.requestId === requestId);
const finished = (requestId: unknown) =>
  eventually(() => linesOf(requestId).find(({ msg }) => msg !== "working" && msg !== undefined));

describe("the ids of a request", () => {
  const order = async (headers: Record<string, string> = {}) => {
    const response = await fetch(`${app.url}/order`, { method: "POST", headers });
    return { header: response.headers.get("x-request-id"), context: (await response.json()) as Record<string, string> };
  };

  test("are its own: the response carries them, and the handler still has them after an await", async () => {
    const [one, two] = await Promise.all([order(), order()]);
    expect(one.context).toEqual({ requestId: one.header, correlationId: one.header });
    expect(two.header).not.toBe(one.header);
  });

  test("include the correlation id that the caller brings, if it looks like an id", async () => {
    expect((await order({ "X-Correlation-Id": "visit-7" })).context.correlationId).toBe("visit-7");
    for (const odd of ["two words", '{"json":true}', "x".repeat(129)]) {
      const { context } = await order({ "X-Correlation-Id": odd });
      expect(context.correlationId).toBe(context.requestId);
    }
  });

  test("are on every line logged for it, once", async () => {
    const { header } = await order({ "X-Correlation-Id": "visit-8" });
    await finished(header);
    expect(linesOf(header).map(({ msg }) => msg)).toEqual(["working", "request completed"]);
    expect(new Set(linesOf(header).map(({ correlationId }) => correlationId))).toEqual(new Set(["visit-8"]));
  });

  test("are nowhere outside of one", () => {
    expect(requestContext()).toBeUndefined();
  });
});

test("a line says what was asked and how it ended, and holds no query, header or body", async () => {
  const response = await fetch(`${app.url}/order?token=swordfish`, {
    method: "POST",
    headers: {
      "Content-Type": "application/json",
      Authorization: "Bearer swordfish",
      Cookie: "swordfish",
      "Idempotency-Key": "swordfish",
    },
    body: JSON.stringify({ name: "swordfish" }),
  });
  const line = await finished(response.headers.get("x-request-id"));
  expect(line).toMatchObject({
    level: "info",
    name: "test",
    req: { method: "POST", path: "/order", address: "127.0.0.1" },
    res: { status: 200 },
    time: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
  });
  const broken = await fetch(`${app.url}/order`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: '{"name": swordfish',
  });
  await finished(broken.headers.get("x-request-id"));
  expect(JSON.stringify(app.lines)).not.toContain("swordfish");
});

test("a deliberate 503 is a warning without a stack", async () => {
  const response = await fetch(`${app.url}/later`);
  const line = await finished(response.headers.get("x-request-id"));
  expect([line.level, line.err]).toEqual(["warn", undefined]);
});

test("a request refused by a limit writes no log line", async () => {
  const limited = await fetch(`${app.url}/limited`);
  expect(limited.status).toBe(429);
  const next = await fetch(`${app.url}/nowhere`);
  await finished(next.headers.get("x-request-id"));
  expect(linesOf(limited.headers.get("x-request-id"))).toEqual([]);
});

test("a caller who leaves is logged as gone", async () => {
  const leaving = new AbortController();
  const call = fetch(`${app.url}/held`, { signal: leaving.signal });
  await eventually(() => release);
  leaving.abort();
  await expect(call).rejects.toThrow();
  const line = await eventually(() => app.lines.find(({ msg }) => msg === "request aborted"));
  expect(line).toMatchObject({ level: "info", res: { status: 499, aborted: true } });
});

test.each([
  ["/half", 499],
  ["/stream", 200],
])("a caller who leaves in the middle of %s is logged as gone, with status %d", async (path, status) => {
  const leaving = new AbortController();
  const { headers } = await fetch(`${app.url}${path}`, { signal: leaving.signal });
  leaving.abort();
  const line = await finished(headers.get("x-request-id"));
  expect(line).toMatchObject({ msg: "request aborted", res: { status, aborted: true } });
});
