import { afterEach, beforeEach, expect, test } from "vitest";
import { z } from "zod";
import { Api } from "../app/index.ts";
import { eventually, openApp, type TestApp } from "../app.fixture.ts";
import { EventStream } from "../streams/index.ts";
import { conformance, documentOf } from "../testing/index.ts";
import type { Access } from "./access.ts";
import type { TokenVerdict } from "./guard.ts";
import { identityOf, ownOnly, requireOwner } from "./identity.ts";

/** One route for each kind of access. Each cup belongs to the customer of its id; the cup `shared` belongs to nobody. */
function kitchen(): Api {
  const api = new Api("kitchen");
  const answers = { 200: { description: "Fine.", schema: z.looseObject({}) } };
  const add = (
    path: string,
    access: Access,
    handle: (request: Parameters<typeof identityOf>[0], id: string) => object,
  ) => {
    const operation = { id: path.replaceAll(/\W/g, ""), method: "get", path, summary: path, access, answers } as const;
    api.handle(operation, ({ request }, response) => {
      response.json(handle(request, String(request.params.id)));
    });
  };
  add("/menu", "public", (request) => ({ reach: identityOf(request).reach }));
  add("/cups/{id}", { guest: "own", customer: "own" }, (request, id) => {
    requireOwner(request, id === "shared" ? undefined : id);
    return { id };
  });
  add("/cups", { customer: "own" }, (request) => ({ of: ownOnly(request) ?? "everybody" }));
  add("/machine", { barista: "all" }, () => ({}));
  add("/safe", {}, () => ({}));
  api.handle(
    {
      ...{ id: "clean", method: "post", path: "/clean", summary: "Clean", access: { barista: "all" } },
      body: { schema: z.object({ cups: z.int() }), others: "refused" },
      answers,
    },
    (_parsed, response) => void response.json({}),
  );
  return api;
}

const inAnHour = () => Date.now() + 3_600_000;

/** A token is `<subject>.<roles with +>`, or the outcome of its verification. */
async function verify(token: string): Promise<TokenVerdict> {
  if (token === "expired") return { outcome: "refused", reason: "The token has expired." };
  if (token === "early") return { outcome: "keys-unavailable" };
  const [subject = "", roles = ""] = token.split(".");
  return { outcome: "verified", subject, roles: roles.split("+"), expiresAt: inAnHour() };
}

let app: TestApp;
const api = kitchen();
const open = (options = {}) =>
  openApp((express) => express.use(api.router), { document: { title: "K", version: "1", apis: [api] }, ...options });
beforeEach(async () => {
  app = await open({ authentication: { verify } });
});
afterEach(() => app[Symbol.asyncDispose]());

/** The answer's status, its challenge and what it says. Each answer is held to the document. */
async function ask(path: string, token?: string, init: RequestInit = {}) {
  const { fetch } = conformance(await documentOf(app.url));
  const headers = token === undefined ? {} : { authorization: token.includes(" ") ? token : `Bearer ${token}` };
  const response = await fetch(`${app.url}${path}`, { ...init, headers: { ...headers, ...init.headers } });
  const body = (await response.json()) as Record<string, unknown>;
  return { status: response.status, challenge: response.headers.get("www-authenticate"), body };
}

test("a public route reads no token", async () => {
  expect(await ask("/menu")).toMatchObject({ status: 200, body: { reach: "all" } });
  expect((await ask("/menu", "expired")).status).toBe(200);
  expect((await ask("/livez", "expired")).status).toBe(200);
});

test("without a token a guest passes where guests may, and others get a challenge without an error code", async () => {
  expect((await ask("/cups/shared")).status).toBe(200);
  expect(await ask("/machine")).toMatchObject({
    status: 401,
    challenge: 'Bearer realm="shop"',
    body: { detail: "This needs barista or engineer. Send a valid token in the header Authorization: Bearer." },
  });
  expect((await ask("/machine", "Basic YTpi")).challenge).toBe('Bearer realm="shop"');
});

test("a token that does not count is a 401 with its reason, also where guests may call", async () => {
  for (const path of ["/cups/shared", "/machine"]) {
    expect(await ask(path, "expired")).toMatchObject({
      status: 401,
      challenge: 'Bearer realm="shop", error="invalid_token", error_description="The token has expired."',
      body: { detail: "The token has expired. Send a valid token in the header Authorization: Bearer." },
    });
  }
});

test("a malformed header is a 400, as RFC 6750 has it", async () => {
  expect(await ask("/machine", "Bearer a b")).toMatchObject({
    status: 400,
    challenge: expect.stringContaining('error="invalid_request"'),
  });
});

test("a token without the role is a 403 that names the role", async () => {
  expect(await ask("/machine", "ada.customer+supplier")).toMatchObject({
    status: 403,
    challenge: 'Bearer realm="shop", error="insufficient_scope", scope="barista engineer"',
    body: { detail: "This needs one of the roles barista, engineer. Send a token that has it." },
  });
  expect((await ask("/safe", "ada.barista")).body.detail).toMatch(/^This needs the role engineer\./);
  expect((await ask("/machine", "ada.constructor")).status).toBe(403);
});

test("an engineer may call every route, and see everybody's things", async () => {
  for (const path of ["/cups/ada", "/machine", "/safe"]) expect((await ask(path, "eve.engineer")).status).toBe(200);
  expect((await ask("/cups", "eve.engineer")).body).toEqual({ of: "everybody" });
});

test("a customer reaches what is their own, and what is nobody's", async () => {
  expect((await ask("/cups/ada", "ada.customer")).status).toBe(200);
  expect((await ask("/cups/shared", "ada.customer")).status).toBe(200);
  expect((await ask("/cups", "ada.customer")).body).toEqual({ of: "ada" });
  expect(await ask("/cups/ada", "bob.customer")).toMatchObject({
    status: 403,
    body: { detail: expect.stringContaining("another customer") },
  });
  expect((await ask("/cups/ada")).status).toBe(401);
});

test("a token of another role with the customer's name owns nothing, and the problem names the missing role", async () => {
  expect(await ask("/cups/ada", "ada.barista")).toMatchObject({
    status: 403,
    challenge: 'Bearer realm="shop", error="insufficient_scope", scope="customer engineer"',
    body: { detail: "This needs one of the roles customer, engineer. Send a token that has it." },
  });
  expect((await ask("/cups/shared", "ada.barista")).status).toBe(200);
});

test("a caller is refused before its body is read", async () => {
  const init = { method: "POST", body: "{", headers: { "content-type": "application/json" } };
  expect((await ask("/clean", undefined, init)).status).toBe(401);
  expect((await ask("/clean", "eve.barista", init)).status).toBe(400);
});

test("as long as the issuer's keys are missing, a token is a 503, and guests are served", async () => {
  expect((await ask("/machine", "early")).status).toBe(503);
  expect((await ask("/cups/shared")).status).toBe(200);
});

test("without authentication every caller may call every route, whatever its token", async () => {
  await using open_ = await open();
  for (const path of ["/menu", "/cups/ada", "/machine", "/safe"]) {
    expect((await fetch(`${open_.url}${path}`, { headers: { authorization: "Bearer a b" } })).status).toBe(200);
  }
});

test("the log has the subject of a request, and neither its token nor its header", async () => {
  await ask("/machine", "ada.barista");
  const line = await eventually(() => app.lines.find(({ req }) => Object(req).path === "/machine"));
  expect(line).toMatchObject({ subject: "ada" });
  expect(JSON.stringify(app.lines)).not.toContain("ada.barista");
});

test("the document names the roles of each route, and the scheme of the token", async () => {
  const { paths, components } = await documentOf(app.url);
  const security = (path: string) => paths[path]?.get?.security;
  expect(security("/menu")).toBeUndefined();
  expect(security("/cups/{id}")).toEqual([{}, { bearer: ["customer", "engineer"] }]);
  expect(security("/machine")).toEqual([{ bearer: ["barista", "engineer"] }]);
  expect(components.securitySchemes).toHaveProperty("bearer.scheme", "bearer");
});

test("a stream of events ends with its token", async () => {
  const streams = new Api("streams");
  streams.handle(
    {
      ...{ id: "follow", method: "get", path: "/follow", summary: "Follow", access: { barista: "all" } },
      answers: { 200: { description: "Events.", type: "text/event-stream", schema: z.string() } },
    },
    (_parsed, response) => void new EventStream(response).send({ data: "first" }),
  );
  const soon = async (): Promise<TokenVerdict> =>
    ({ ...(await verify("ada.barista")), expiresAt: Date.now() + 50 }) as TokenVerdict;
  await using streaming = await openApp((express) => express.use(streams.router), { authentication: { verify: soon } });
  const response = await fetch(`${streaming.url}/follow`, { headers: { authorization: "Bearer ada.barista" } });
  expect(await response.text()).toContain('data: "first"');
});
