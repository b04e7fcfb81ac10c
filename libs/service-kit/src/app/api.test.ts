import { afterEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { openApp, type TestApp } from "../app.fixture.ts";
import { createLogger } from "../process/index.ts";
import { conformance, documentOf, routesOf } from "../testing/index.ts";
import { Api } from "./api.ts";
import { createApp } from "./create-app.ts";

const cup = z.object({ id: z.uuid(), size: z.enum(["small", "large"]), shots: z.int().default(1) }).meta({ id: "Cup" });

/** A kitchen with one route of each kind. The first returns `answer`, also where its schema says otherwise. */
function kitchen(answer: unknown = undefined): Api {
  const api = new Api("kitchen");
  api.handle(
    {
      id: "pour",
      method: "post",
      path: "/cups/{id}/pour",
      summary: "Pour",
      access: "public",
      params: z.object({ id: z.uuid() }),
      query: z.object({ hot: z.stringbool().default(true).describe("Whether it steams.") }),
      headers: z.object({ "x-barista": z.string().max(20).exactOptional() }),
      body: { schema: cup.omit({ id: true }), others: "refused", maxLevels: 2 },
      answers: { 200: { description: "Poured.", schema: cup, headers: { ETag: "Which cup it is." } } },
      problems: { 409: "The cup is full." },
    },
    ({ params, body }, response) => {
      response.json(answer ?? { ...params, ...body });
    },
  );
  api.refuseHead("/cups");
  api.handle(
    {
      id: "listCups",
      method: "get",
      path: "/cups",
      summary: "Cups",
      access: "public",
      answers: { 200: { description: "All.", schema: z.array(cup) }, 204: { description: "None." } },
    },
    (_asked, response) => {
      response.status(204).end();
    },
  );
  return api;
}

let app: TestApp;
afterEach(() => app?.[Symbol.asyncDispose]());

const open = async (api = kitchen()) => {
  app = await openApp((express) => express.use(api.router), {
    document: { title: "Kitchen", version: "1", apis: [api] },
  });
  return app.url;
};
const id = "0190a1b2-0000-7000-8000-000000000001";
const json = { "content-type": "application/json" };
const pour = (body: unknown) => ({
  method: "POST",
  headers: json,
  body: JSON.stringify(body),
});

describe("a described operation", () => {
  test("gets its request as the schemas have it", async () => {
    const url = await open();
    const response = await fetch(`${url}/cups/${id}/pour`, pour({ size: "large" }));
    expect(await response.json()).toEqual({ id, size: "large", shots: 1 });
  });

  test.each([
    ["path", "/cups/mug/pour", pour({ size: "large" })],
    ["query", `/cups/${id}/pour?hot=maybe`, pour({ size: "large" })],
    ["body", `/cups/${id}/pour`, pour({ size: "huge" })],
    ["body", `/cups/${id}/pour`, pour({ size: "large", more: [[[]]] })],
    [
      "set of headers",
      `/cups/${id}/pour`,
      { ...pour({ size: "large" }), headers: { ...json, "x-barista": "x".repeat(21) } },
    ],
  ])("never sees a bad %s", async (what, path, init) => {
    const url = await open();
    const response = await fetch(`${url}${path}`, init);
    expect(response.status).toBe(400);
    expect(((await response.json()) as { detail: string }).detail).toContain(what);
  });

  test("that must not be had by HEAD refuses it, and offers it to nobody", async () => {
    const url = await open();
    for (const method of ["HEAD", "DELETE"]) {
      const { status, headers } = await fetch(`${url}/cups`, { method });
      expect([status, headers.get("allow")]).toEqual([405, "GET"]);
    }
  });
});

describe("the document", () => {
  test("is valid OpenAPI 3.1, and says what the schemas say", async () => {
    const document = await documentOf(await open());
    expect(document.openapi).toBe("3.1.0");
    expect(document.paths["/cups/{id}/pour"]).toMatchSnapshot();
    expect(document.components.schemas).toMatchSnapshot();
  });

  test("lists every route, and no other", async () => {
    const api = kitchen();
    const document = await documentOf(await open(api));
    const described = Object.entries(document.paths).flatMap(([path, operations]) =>
      Object.keys(operations).map((method) => `${method} ${path}`),
    );
    const log = createLogger("test", "silent");
    const options = { name: "test", log, ready: () => true, document: { title: "Kitchen", version: "1", apis: [api] } };
    const routes = routesOf(createApp({ ...options, routes: (express) => express.use(api.router) }));
    expect(described.sort()).toEqual(routes);
    const more = createApp({ ...options, routes: (express) => express.use(api.router).get("/secret", () => {}) });
    expect(routesOf(more)).toContain("get /secret");
  });

  test("cannot have two operations of one name", async () => {
    const api = kitchen();
    api.handle({ id: "pour", method: "get", path: "/other", summary: "", access: "public", answers: {} }, () => {});
    const response = await fetch(`${await open(api)}/openapi.json`);
    expect(response.status).toBe(500);
  });
});

describe("conformance", () => {
  test("lets pass what is as described", async () => {
    const url = await open();
    const { fetch, checked } = conformance(await documentOf(url));
    await fetch(`${url}/cups/${id}/pour`, pour({ size: "large" }));
    await fetch(`${url}/cups/${id}/pour`, pour({}));
    await fetch(`${url}/cups`);
    await fetch(`${url}/livez`);
    expect(checked()).toEqual([
      "get /cups 204",
      "get /livez 200",
      "post /cups/{id}/pour 200",
      "post /cups/{id}/pour 400",
    ]);
  });

  test.each([
    ["a member too many", { id, size: "small", shots: 1, secret: 1 }, "additional"],
    ["a member too few", { id, size: "small" }, "shots"],
    ["another type", { id: "mug", size: "small", shots: 1 }, "uuid"],
  ])("finds %s", async (_, answer, complaint) => {
    const url = await open(kitchen(answer));
    const { fetch } = conformance(await documentOf(url));
    await expect(fetch(`${url}/cups/${id}/pour`, pour({ size: "large" }))).rejects.toThrow(complaint);
  });

  test("finds what is not described at all", async () => {
    const { check } = conformance(await documentOf(await open()));
    const json = { type: "application/json", text: "{}" };
    const at = (method: string, path: string) => ({ method, url: `http://localhost${path}` });
    expect(() => check(at("GET", "/mugs"), { status: 200, ...json })).toThrow("no get /mugs");
    expect(() => check(at("GET", "/cups"), { status: 202, ...json })).toThrow("not described");
    expect(() => check(at("GET", "/cups"), { status: 204, ...json })).toThrow("has a body");
    expect(() => check(at("GET", "/cups"), { status: 500, ...json })).toThrow("not application/problem+json");
  });
});
