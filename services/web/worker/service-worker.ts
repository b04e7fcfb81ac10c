declare const self: ServiceWorkerGlobalScope;

/*
 * Opens the pages without a network, so that they can say so. It keeps the pages and their files, and nothing that the shop
 * answers: an order, a menu or a board from yesterday would be worse than none.
 */

const cacheName = "doubleshot-pages";
const pages = ["/", "/bar", "/display", "/engine"];
/** A page that is kept is shown after this time, though the shop may still answer. */
const maxWaitMs = 3_000;

self.addEventListener("install", (event) => {
  const fetched = async (path: string) => ({ path, page: await fetchPage(path) });
  event.waitUntil(
    Promise.all(pages.map(fetched))
      .then((all) => store(all))
      .then(() => self.skipWaiting()),
  );
});

self.addEventListener("activate", (event) => {
  event.waitUntil(self.clients.claim());
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== self.location.origin) return;
  const page = pages.find((path) => pathname === path || pathname === `${path}/`);
  if (request.mode === "navigate" && page !== undefined) event.respondWith(freshPage(page, event));
  else if (pathname.startsWith("/assets/")) event.respondWith(keptFile(request));
});

/** A press on a notification shows the page of the order, in its tab if that is still open. */
self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(showOrder(event.notification.tag));
});

async function showOrder(id: string): Promise<void> {
  const windows = await self.clients.matchAll({ type: "window" });
  const open = windows.find(({ url }) => new URL(url).searchParams.get("order") === id);
  if (open) await open.focus();
  else await self.clients.openWindow(`/?order=${encodeURIComponent(id)}`);
}

/** The page as the shop has it now, or as it was last if the shop does not answer soon. Either way a new one is kept. */
async function freshPage(path: string, event: FetchEvent): Promise<Response> {
  const fetched = fetchPage(path);
  const copied = fetched.then((page) => page.clone());
  event.waitUntil(copied.then((page) => store([{ path, page }])).catch(() => undefined));
  const kept = await caches.match(path);
  if (kept === undefined) return fetched.catch(() => Response.error());
  const waited = new Promise<Response>((resolve) => setTimeout(() => resolve(kept), maxWaitMs));
  return Promise.race([fetched.catch(() => kept), waited]);
}

/** Rejects if the shop does not answer, or has no page for now. */
async function fetchPage(path: string): Promise<Response> {
  const response = await fetch(path, { cache: "no-cache" });
  if (!response.ok) throw new Error(`The page answered ${response.status}.`);
  return response;
}

interface FetchedPage {
  readonly path: string;
  readonly page: Response;
}

/**
 * Keeps the pages and their files. One call at a time, also while the next version of this worker is installed: a clean-up
 * must not drop the files of a page that comes next.
 */
function store(fetched: readonly FetchedPage[]): Promise<void> {
  return navigator.locks.request(cacheName, async () => {
    const cache = await caches.open(cacheName);
    const former = await usedIn(cache);
    for (const { path, page } of fetched) await storePage(cache, path, page);
    // A tab may be loading the files of a page that has just been replaced: the next call drops these.
    await dropAllBut(cache, new Set([...former, ...(await usedIn(cache))]));
  });
}

/** The page comes last: without all of its files, the former page stays, which has its own. */
async function storePage(cache: Cache, path: string, page: Response): Promise<void> {
  const files = filesIn(await page.clone().text());
  await storeFiles(cache, files);
  // Fonts, which style sheets name.
  await storeFiles(cache, await filesOfStyles(cache, files));
  await cache.put(path, page);
}

async function storeFiles(cache: Cache, files: readonly string[]): Promise<void> {
  for (const file of files) if (!(await cache.match(file))) await cache.add(file);
}

/** A file's name has a hash of its contents, so a kept one is never old. */
async function keptFile(request: Request): Promise<Response> {
  return (await caches.match(request)) ?? fetch(request);
}

/** The kept pages, and the files that they load. */
async function usedIn(cache: Cache): Promise<string[]> {
  const files = await Promise.all(pages.map((path) => filesOf(cache, path)));
  return [...pages, ...files.flat()];
}

async function dropAllBut(cache: Cache, used: ReadonlySet<string>): Promise<void> {
  for (const request of await cache.keys()) {
    if (!used.has(new URL(request.url).pathname)) await cache.delete(request);
  }
}

/** The files that a kept page and its kept style sheets name. */
async function filesOf(cache: Cache, path: string): Promise<string[]> {
  const files = filesIn(await textOf(cache, path));
  return [...files, ...(await filesOfStyles(cache, files))];
}

async function filesOfStyles(cache: Cache, files: readonly string[]): Promise<string[]> {
  const styles = files.filter((file) => file.endsWith(".css"));
  return (await Promise.all(styles.map((file) => textOf(cache, file)))).flatMap(filesIn);
}

async function textOf(cache: Cache, path: string): Promise<string> {
  return (await cache.match(path))?.text() ?? "";
}

function filesIn(text: string): string[] {
  return [...text.matchAll(/(?:src="|href="|url\("?)(\/assets\/[^")]+)/g)].flatMap(([, path]) => path ?? []);
}
