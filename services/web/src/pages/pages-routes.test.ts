import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { request } from "node:http";
import { brotliDecompressSync, gunzipSync, gzipSync } from "node:zlib";
import { fakeAws, useService } from "@doubleshot/service-host/testing";
import { coffeeShop } from "@doubleshot/shop";
import { expect, test } from "vitest";
import { webService } from "../service.ts";
import { readPageFiles } from "./page-files.ts";
import { pagesFolder, preparePages } from "./pages-folder.ts";

await preparePages();
const here = useService(coffeeShop.services.web, webService, fakeAws);

/** The answer as it is on the wire: `fetch` would decompress it. */
async function get(url: string, headers: Record<string, string> = {}) {
  const sent = request(url, { headers, agent: false });
  sent.end();
  const [answer] = (await once(sent, "response")) as [IncomingMessage];
  return { status: answer.statusCode, headers: answer.headers, body: Buffer.concat(await answer.toArray()) };
}

/** Pictures and fonts are compressed by themselves. */
const isText = (file: string) => /\.(js|css|svg|webmanifest)$/.test(file);

const filesOf = (html: string) => [...html.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)].map(([, path = ""]) => path);

test.each(["/", "/bar", "/display", "/engine"])(
  "%s and its files are served, compressed at build time",
  async (path) => {
    const { url } = await here.start();
    const page = await get(`${url}${path}`);
    expect([page.status, page.headers["cache-control"]]).toEqual([200, "no-cache"]);
    const files = filesOf(page.body.toString());
    expect(files.length).toBeGreaterThanOrEqual(3);
    for (const file of files) {
      const plain = await get(`${url}${file}`);
      expect([plain.status, plain.headers["cache-control"]]).toEqual([200, "public, max-age=31536000, immutable"]);
      const gzipped = await get(`${url}${file}`, { "accept-encoding": "gzip" });
      const brotli = await get(`${url}${file}`, { "accept-encoding": "gzip, deflate, br" });
      if (!isText(file)) {
        expect([gzipped.headers["content-encoding"], brotli.headers["content-encoding"]]).toEqual([
          undefined,
          undefined,
        ]);
        continue;
      }
      expect([gzipped.headers["content-encoding"], brotli.headers["content-encoding"]]).toEqual(["gzip", "br"]);
      expect(gunzipSync(gzipped.body)).toEqual(plain.body);
      expect(brotliDecompressSync(brotli.body)).toEqual(plain.body);
      expect(new Set([plain, gzipped, brotli].map(({ headers }) => headers.etag)).size).toBe(3);
    }
  },
);

test.each([
  ["/", 20],
  ["/bar", 20],
  ["/display", 20],
  ["/engine", 40],
])("the JavaScript of %s has at most %d KB, gzipped", async (path, maxKilobytes) => {
  const { url } = await here.start();
  const scripts = filesOf((await get(`${url}${path}`)).body.toString()).filter((file) => file.endsWith(".js"));
  const bodies = await Promise.all(scripts.map(async (file) => (await get(`${url}${file}`)).body));
  const bytes = bodies.reduce((sum, body) => sum + gzipSync(body, { level: 9 }).length, 0);
  expect(bytes).toBeLessThanOrEqual(maxKilobytes * 1024);
});

test.each(["/", "/bar", "/display", "/engine"])(
  "the JavaScript of %s names no file of the machine that built it",
  async (path) => {
    const { url } = await here.start();
    const scripts = filesOf((await get(`${url}${path}`)).body.toString()).filter((file) => file.endsWith(".js"));
    for (const file of scripts)
      expect((await get(`${url}${file}`)).body.toString()).not.toContain("/services/web/pages/");
  },
);

test("a page that the browser has is not sent again", async () => {
  const { url } = await here.start();
  const { headers } = await get(`${url}/bar`);
  const again = await get(`${url}/bar`, { "if-none-match": String(headers.etag) });
  expect([again.status, again.body.length]).toEqual([304, 0]);
});

test("the policy of a page allows its own files, and nothing inline", async () => {
  const { url } = await here.start();
  const { headers } = await get(url);
  expect(headers["content-security-policy"]).toMatchInlineSnapshot(
    `"default-src 'none';script-src 'self';style-src 'self';img-src 'self';font-src 'self';manifest-src 'self';worker-src 'self';connect-src 'self';base-uri 'none';form-action 'none';frame-ancestors 'none';require-trusted-types-for 'script';trusted-types service-worker"`,
  );
  expect(headers["content-security-policy"]).not.toContain("unsafe-inline");
  expect(headers).toMatchObject({ "x-content-type-options": "nosniff", "referrer-policy": "no-referrer" });
});

test("the worker comes under its own policy, and each time as it is now", async () => {
  const { url } = await here.start();
  const { status, headers } = await get(`${url}/service-worker.js`);
  expect([status, headers["content-type"], headers["cache-control"]]).toEqual([
    200,
    "text/javascript; charset=utf-8",
    "no-cache",
  ]);
  expect(headers["content-security-policy"]).toContain("connect-src 'self'");
});

test("the manifest names icons that are there", async () => {
  const { url } = await here.start();
  const manifest = filesOf((await get(url)).body.toString()).find((file) => file.endsWith(".webmanifest"));
  const answer = await get(`${url}${manifest}`);
  expect(answer.headers["content-type"]).toBe("application/manifest+json; charset=utf-8");
  const { icons } = JSON.parse(answer.body.toString()) as { icons: { src: string }[] };
  expect(icons.length).toBeGreaterThan(2);
  for (const { src } of icons) expect((await get(`${url}${src}`)).headers["content-type"]).toBe("image/png");
});

test("a file that no page has is a problem, however its name is written", async () => {
  const { url } = await here.start();
  for (const name of ["none.js", "..%2Findex.html", "%2e%2e%2findex.html", "index.html", "__proto__"]) {
    expect((await get(`${url}/assets/${name}`)).status).toBe(404);
  }
});

test("nothing of a page comes from elsewhere", () => {
  const texts = [...readPageFiles(pagesFolder())].filter(([name]) => /\.(html|css)$/.test(name));
  expect(texts.length).toBeGreaterThan(3);
  for (const [, { plain }] of texts)
    expect(plain.toString()).not.toMatch(/(src|href)="(https?:)?\/\/|url\((?!\/assets\/)/);
});

test("pages that are not built end the process with one sentence", () => {
  expect(() => readPageFiles("/nowhere")).toThrow(/^The pages are not built in \/nowhere: run [^\n]+\.$/);
});
