import { afterAll, beforeAll, beforeEach, expect, test, vi } from "vitest";

type Answer = string | number | Promise<Response>;

/** An answer of the shop: a text, a status, or a response that comes later. */
const shop = new Map<string, Answer>();
const kept = new Map<string, Response>();
const listeners = new Map<string, (event: object) => void>();

const pathOf = (asked: string | { readonly url: string }) =>
  new URL(typeof asked === "string" ? asked : asked.url, "http://shop").pathname;
const match = async (asked: string | { readonly url: string }) => kept.get(pathOf(asked))?.clone();
const fetchFake = async (asked: string | { readonly url: string }) => {
  const answer = shop.get(pathOf(asked)) ?? 404;
  if (typeof answer === "number") return new Response("", { status: answer });
  return typeof answer === "string" ? new Response(answer) : answer;
};
const cache = {
  match,
  put: async (path: string, response: Response) => void kept.set(path, response),
  add: async (path: string) => {
    const response = await fetchFake(path);
    if (!response.ok) throw new TypeError("no such file");
    kept.set(path, response);
  },
  keys: async () => [...kept.keys()].map((path) => ({ url: `http://shop${path}` })),
  delete: async (asked: { readonly url: string }) => kept.delete(pathOf(asked)),
};

/** As the browser's: one request at a time has the lock, in the order of their calls. */
let lock: Promise<unknown> = Promise.resolve();
let lockRequests = 0;
const locks = {
  request: (_name: string, work: () => Promise<unknown>) => {
    lockRequests += 1;
    const done = lock.then(work);
    lock = done.catch(() => undefined);
    return done;
  },
};

/** Lets a worker handle an event, and returns what it does until it is done. */
function happen(name: string, more: object = {}, worker = listeners) {
  const waits: Promise<unknown>[] = [];
  let response: Promise<Response> | undefined;
  worker.get(name)?.({
    ...more,
    waitUntil: (wait: Promise<unknown>) => waits.push(wait),
    respondWith: (given: Promise<Response>) => {
      response = given;
    },
  });
  return { isDone: () => Promise.all(waits), text: async () => (await response)?.text() };
}

const open = (path: string) =>
  happen("fetch", { request: { url: `http://shop${path}`, method: "GET", mode: "navigate" } });

beforeAll(async () => {
  vi.stubGlobal("caches", { open: async () => cache, match });
  vi.stubGlobal("fetch", fetchFake);
  vi.stubGlobal("navigator", { locks });
  stubSelf(listeners);
  await import("./service-worker.ts");
});

/** The global scope of the worker that is loaded next. */
function stubSelf(worker: typeof listeners): void {
  vi.stubGlobal("self", {
    location: { origin: "http://shop" },
    addEventListener: (name: string, listener: (event: object) => void) => worker.set(name, listener),
    skipWaiting: async () => undefined,
  });
}

afterAll(() => vi.unstubAllGlobals());

beforeEach(async () => {
  kept.clear();
  for (const [path, answer] of [
    ["/", `<script src="/assets/order-1.js"></script><link href="/assets/base-1.css">`],
    ["/bar", `<script src="/assets/bar-1.js"></script><link href="/assets/base-1.css">`],
    ["/display", `<link href="/assets/base-1.css">`],
    ["/engine", `<script src="/assets/engine-1.js"></script>`],
    ["/assets/base-1.css", "@font-face { src: url(/assets/font-1.woff2) }"],
    ["/assets/font-1.woff2", "font"],
    ["/assets/order-1.js", "order"],
    ["/assets/bar-1.js", "bar"],
    ["/assets/engine-1.js", "engine"],
  ] as const) {
    shop.set(path, answer);
  }
  await happen("install").isDone();
});

const installed = [
  "/",
  "/assets/bar-1.js",
  "/assets/base-1.css",
  "/assets/engine-1.js",
  "/assets/font-1.woff2",
  "/assets/order-1.js",
  "/bar",
  "/display",
  "/engine",
];

test("it keeps the pages and all files that they need", () => {
  expect([...kept.keys()].sort()).toEqual(installed);
});

test("a new page takes the place of the kept one, and its files that of the former ones when a page is opened next", async () => {
  const page = `<script src="/assets/order-2.js"></script>`;
  shop.set("/", page).set("/assets/order-2.js", "order 2");
  const opened = open("/");
  expect(await opened.text()).toBe(page);
  await opened.isDone();
  expect([...kept.keys()].sort()).toEqual([...installed, "/assets/order-2.js"].sort());
  await open("/bar/").isDone();
  expect([...kept.keys()].sort()).toEqual(installed.map((path) => path.replace("order-1", "order-2")).sort());
});

test("a tab that got the kept page, because the shop was slow, finds its files though a new one came meanwhile", async () => {
  vi.useFakeTimers();
  const slow = Promise.withResolvers<Response>();
  shop.set("/", slow.promise).set("/assets/order-2.js", "order 2");
  const opened = open("/");
  await vi.advanceTimersByTimeAsync(3_000);
  vi.useRealTimers();
  expect(await opened.text()).toContain("order-1.js");
  slow.resolve(new Response(`<script src="/assets/order-2.js"></script>`));
  await opened.isDone();
  expect(await kept.get("/")?.clone().text()).toContain("order-2.js");
  const request = { url: "http://shop/assets/order-1.js", method: "GET", mode: "no-cors" };
  shop.set("/assets/order-1.js", 404);
  expect(await happen("fetch", { request }).text()).toBe("order");
});

test("a page that is opened while the next worker is installed costs that worker none of its files", async () => {
  const next: typeof listeners = new Map();
  stubSelf(next);
  vi.resetModules();
  await import("./service-worker.ts");
  const late = Promise.withResolvers<Response>();
  shop.set("/bar", `<script src="/assets/bar-2.js"></script><script src="/assets/late.js"></script>`);
  shop.set("/assets/bar-2.js", "bar 2").set("/assets/late.js", late.promise);
  const before = lockRequests;
  const installing = happen("install", {}, next).isDone();
  const opened = open("/");
  await opened.text();
  await expect.poll(() => kept.has("/assets/bar-2.js")).toBe(true);
  await expect.poll(() => lockRequests - before).toBe(2);
  late.resolve(new Response("late"));
  await Promise.all([installing, opened.isDone()]);
  expect(await kept.get("/bar")?.clone().text()).toContain("bar-2.js");
  expect([...kept.keys()]).toEqual(expect.arrayContaining(["/assets/bar-2.js", "/assets/late.js"]));
});

test("a new page without one of its files leaves the kept one whole", async () => {
  shop.set("/", `<script src="/assets/gone.js"></script>`);
  const opened = open("/");
  await opened.text();
  await opened.isDone();
  expect([...kept.keys()].sort()).toEqual(installed);
  expect(await kept.get("/")?.clone().text()).toContain("order-1.js");
});

test("the kept page is shown if the shop is silent for three seconds, or has no page", async () => {
  vi.useFakeTimers();
  const silent = Promise.withResolvers<Response>();
  shop.set("/bar", silent.promise);
  const opened = open("/bar").text();
  await vi.advanceTimersByTimeAsync(3_000);
  vi.useRealTimers();
  expect(await opened).toContain("bar-1.js");
  silent.reject(new TypeError("no network"));
  shop.set("/bar", 503);
  expect(await open("/bar").text()).toContain("bar-1.js");
});
