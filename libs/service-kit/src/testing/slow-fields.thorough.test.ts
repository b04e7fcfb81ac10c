import { pbkdf2 } from "node:crypto";
import { promisify } from "node:util";
import type { RequestHandler } from "express";
import { expect, onTestFinished, test } from "vitest";
import { z } from "zod";
import { Api } from "../app/index.ts";
import { openApp } from "../app.fixture.ts";
import { documentOf, slowFields } from "./index.ts";
import { superlinearText } from "./superlinear-text.ts";

/** A `*` beside another that matches the same, and an end that need not come. */
const quadratic = /^\s*a\s*(?:=\s*b)?\s*(?:;|$)/;

async function slowFieldsOf(read: RequestHandler, parts: { query?: z.ZodObject; body?: z.ZodType } = {}) {
  const { query, body } = parts;
  const api = new Api("tests");
  api.handle(
    {
      id: "try",
      method: "post",
      path: "/try",
      summary: "Try",
      access: "public",
      ...(query === undefined ? {} : { query }),
      ...(body === undefined ? {} : { body: { schema: body, others: "ignored" } }),
      answers: { 204: { description: "Read." } },
    },
    (_asked, response) => void response.status(204).end(),
  );
  const app = await openApp((app) => app.use(read, api.router), {
    document: { title: "t", version: "1", apis: [api] },
  });
  onTestFinished(() => app[Symbol.asyncDispose]());
  return slowFields(app.url, await documentOf(app.url));
}

test("a header that nothing describes and a careless expression reads is found", async () => {
  const careless: RequestHandler = (request, _response, next) => {
    quadratic.test(request.get("x-mood") ?? "");
    next();
  };
  const slow = await slowFieldsOf(careless);
  expect(slow.length).toBeGreaterThan(0);
  expect(slow.filter((field) => !field.includes("x-mood"))).toEqual([]);
});

test("so are described fields of the query and of the body, also within lists", async () => {
  // One reading takes hardly longer than a harmless text may on a fast machine.
  const readTwice = (text: string) => [1, 2].filter(() => quadratic.test(text)).length > 0;
  const careless = z.string().refine(readTwice);
  const query = z.object({ mood: careless.optional() });
  const body = z.object({ items: z.array(z.object({ sku: careless })).optional() });
  const slow = await slowFieldsOf((_request, _response, next) => next(), { query, body });
  expect(slow).toEqual([
    expect.stringMatching(/^POST \/try query mood: /),
    expect.stringMatching(/^POST \/try string 1 of the body: \{"items":\[\{"sku":""\}\]\}: /),
  ]);
});

test("fields that the kit itself reads take time in proportion", async () => {
  expect(await slowFieldsOf((_request, _response, next) => next())).toEqual([]);
});

/** Keeps this thread busy for milliseconds of its CPU. */
function compute(ms: number): void {
  const before = process.threadCpuUsage();
  for (;;) {
    const { user, system } = process.threadCpuUsage(before);
    if (user + system >= ms * 1_000) return;
  }
}

test("a reader that happens to be slow for eight long texts in a row is no finding", async () => {
  let disturbed = 8;
  const read = (text: string) => {
    if (text.length >= 8_000 && disturbed-- > 0) compute(80);
    compute(text.length / 1_000);
  };
  expect(await superlinearText({ size: 4_000, read })).toBeUndefined();
});

test("the work of other threads does not count", async () => {
  const hash = promisify(pbkdf2);
  const read = (text: string) => hash("a", "b", 1 + Math.round(text.length ** 2 / 1_000), 8, "sha512");
  expect(await superlinearText({ size: 4_000, read })).toBeUndefined();
});

test("a reader without HTTP is held to the same", async () => {
  expect(await superlinearText({ size: 4_000, read: (text) => quadratic.test(text) })).toBeDefined();
  expect(
    await superlinearText({ size: 4_000, read: (text) => text.split(",").map((part) => part.trim()) }),
  ).toBeUndefined();
});
