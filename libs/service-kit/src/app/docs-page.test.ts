import { afterEach, describe, expect, test } from "vitest";
import { openApp, type TestApp } from "../app.fixture.ts";

let app: TestApp;
afterEach(() => app?.[Symbol.asyncDispose]());

describe("/docs", () => {
  test.each(["/docs", "/docs/"])(
    "at %s asks for nothing but this service, and everything it asks for is here",
    async (at) => {
      app = await openApp(() => {}, { document: { title: "A <Kitchen>", version: "1", apis: [] } });
      const response = await fetch(app.url + at);
      const html = await response.text();
      expect(response.headers.get("content-type")).toContain("text/html");
      expect(response.headers.get("content-security-policy")).toContain("script-src 'self'");
      expect(html).toContain("A &lt;Kitchen>");
      const asked = [...html.matchAll(/(?:src|href)="(?!data:)([^"]+)"/g)].map(([, path = ""]) => path);
      expect(asked).toHaveLength(3);
      for (const path of asked) {
        expect([path, (await fetch(new URL(path, app.url + at))).status]).toEqual([path, 200]);
        // A load balancer may serve the page below a prefix, which it removes.
        expect(new URL(path, `${app.url}/api/kitchen${at}`).pathname).toMatch(/^\/api\/kitchen\/docs\//);
      }
      expect((await fetch(`${app.url}/docs/package.json`)).status).toBe(400);
    },
  );

  test("is named where nothing is, by a service that has it", async () => {
    const detailAt = async (url: string) => Object(await (await fetch(`${url}/`)).json()).detail;
    app = await openApp(() => {}, { document: { title: "A kitchen", version: "1", apis: [] } });
    expect(await detailAt(app.url)).toBe("There is no / here. See /docs for the paths of this service.");
    await using without = await openApp(() => {});
    expect(await detailAt(without.url)).toBe("There is no / here. Check the path.");
  });

  test("is not there when there is nothing to show", async () => {
    app = await openApp(() => {});
    expect((await fetch(`${app.url}/docs`)).status).toBe(404);
    expect((await fetch(`${app.url}/openapi.json`)).status).toBe(404);
  });
});

test.each(["/livez", "/nowhere"])("%s says what browsers may not do with it, and not what serves it", async (path) => {
  app = await openApp(() => {});
  const { headers } = await fetch(app.url + path);
  expect(headers.get("x-content-type-options")).toBe("nosniff");
  expect(headers.get("x-frame-options")).toBe("SAMEORIGIN");
  expect(headers.get("referrer-policy")).toBe("no-referrer");
  expect(headers.get("content-security-policy")).toContain("default-src 'none'");
  expect(headers.get("x-powered-by")).toBeNull();
});
