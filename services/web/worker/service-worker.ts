declare const self: ServiceWorkerGlobalScope;

/*
 * Opens the pages without a network, so that they can say so. It keeps the pages and their files, and nothing that the shop
 * answers: an order, a menu or a board from yesterday would be worse than none.
 */

const cacheName = "doubleshot-pages";
const pages = ["/", "/bar", "/display"];

self.addEventListener("install", (event) => {
  event.waitUntil(Promise.all(pages.map(storePage)).then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  event.waitUntil(self.clients.claim());
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== self.location.origin) return;
  if (request.mode === "navigate" && pages.includes(pathname)) event.respondWith(freshPage(pathname));
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

/** The page as the shop has it now, or as it was last. */
async function freshPage(path: string): Promise<Response> {
  try {
    return await storePage(path);
  } catch {
    return (await caches.match(path)) ?? Response.error();
  }
}

/** Rejects if the shop does not answer, or has no page for now. */
async function storePage(path: string): Promise<Response> {
  const response = await fetch(path, { cache: "no-cache" });
  if (!response.ok) throw new Error(`The page answered ${response.status}.`);
  const cache = await caches.open(cacheName);
  await cache.put(path, response.clone());
  // The second round finds the fonts, which the style sheets of the first one name.
  for (let round = 0; round < 2; round++) {
    for (const file of await filesOf(cache, path)) if (!(await cache.match(file))) await cache.add(file);
  }
  await dropUnused(cache);
  return response;
}

/** A file's name has a hash of its contents, so a kept one is never old. */
async function keptFile(request: Request): Promise<Response> {
  return (await caches.match(request)) ?? fetch(request);
}

/** Files of earlier versions, which no kept page loads. */
async function dropUnused(cache: Cache): Promise<void> {
  const files = await Promise.all(pages.map((path) => filesOf(cache, path)));
  const used = new Set([...pages, ...files.flat()]);
  for (const request of await cache.keys()) {
    if (!used.has(new URL(request.url).pathname)) await cache.delete(request);
  }
}

/** The files that a kept page and its kept style sheets name. */
async function filesOf(cache: Cache, path: string): Promise<string[]> {
  const textOf = async (file: string) => (await cache.match(file))?.text() ?? "";
  const files = filesIn(await textOf(path));
  const styles = await Promise.all(files.filter((file) => file.endsWith(".css")).map(textOf));
  return [...files, ...styles.flatMap(filesIn)];
}

function filesIn(text: string): string[] {
  return [...text.matchAll(/(?:src="|href="|url\("?)(\/assets\/[^")]+)/g)].flatMap(([, path]) => path ?? []);
}
