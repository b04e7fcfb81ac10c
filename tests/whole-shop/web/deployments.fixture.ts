import { createApp, createLogger, serve } from "@doubleshot/service-kit";
import { proxied } from "../../../services/web/src/config.ts";
import type { PageFile, PageFiles } from "../../../services/web/src/pages/page-files.ts";
import { pagesApi } from "../../../services/web/src/pages/pages-routes.ts";
import { proxyApi } from "../../../services/web/src/proxy/proxy-routes.ts";
import { ServiceProxy } from "../../../services/web/src/proxy/service-proxy.ts";

const log = createLogger("front", "silent");

/** All paths that are no page's. */
const paths = ["/engine", ...proxied.flatMap((service) => service.paths)];

/** It has this name in every build. */
const worker = "service-worker.js";
const isText = (name: string) => /\.(html|js|css|webmanifest)$/.test(name);
const isHashed = (name: string) => /^assets\/.+\.(js|css)$/.test(name);

/**
 * The pages as another build would have them: scripts and style sheets have names of their own, and each page, script and style
 * sheet tells its build. The worker is another one if `changesWorker` says so.
 */
export function buildNamed(build: string, files: PageFiles, changesWorker: boolean): PageFiles {
  const renamed = (name: string) => (isHashed(name) ? name.replace(/(\.\w+)$/, `-${build}$1`) : name);
  const base = (name: string) => name.slice(name.lastIndexOf("/") + 1);
  const names = [...files.keys()].filter(isHashed).map((name) => [base(name), base(renamed(name))] as const);
  const changed = (name: string, { plain, ...file }: PageFile): PageFile => {
    if (!isText(name) || (name === worker && !changesWorker)) return { ...file, plain };
    const text = names.reduce((all, [before, after]) => all.replaceAll(before, after), plain.toString());
    return { ...file, plain: Buffer.from(marked(name, text, build)), encoded: new Map(), tag: `${file.tag}${build}` };
  };
  return new Map([...files].map(([name, file]) => [renamed(name), changed(name, file)]));
}

function marked(name: string, text: string, build: string): string {
  if (name === worker) return `${text}\n// ${build}\n`;
  if (name.endsWith(".html")) return text.replace("<html", `<html data-build="${build}"`);
  if (name.endsWith(".js")) return `${text}\n(globalThis.builds ??= new Set()).add("${build}");\n`;
  return name.endsWith(".css") ? `${text}\n:root { --build: ${build}; }\n` : text;
}

/** The builds of the page, its scripts and its style sheets, each of them once. */
export const buildsShown = `[...new Set([
  document.documentElement.dataset.build,
  ...(globalThis.builds ?? []),
  getComputedStyle(document.documentElement).getPropertyValue("--build").trim(),
])]`;

/** A web server in front of a shop: it has the pages of one build, until the next one is deployed. */
export async function openFront(shopUrl: string, first: PageFiles) {
  let files = first;
  const proxy = new ServiceProxy([{ name: "shop", paths, url: new URL(shopUrl) }], log);
  const app = createApp({
    name: "front",
    log,
    ready: () => true,
    routes: (routes) => {
      routes.use((request, response, next) => pagesApi(files).router(request, response, next));
      routes.use(proxyApi(proxy).router);
    },
  });
  const serving = await serve(app, { host: "127.0.0.1", port: 0 });
  return {
    url: serving.url,
    deploy: (next: PageFiles) => {
      files = next;
    },
    [Symbol.asyncDispose]: async () => {
      proxy.close();
      await serving.close();
    },
  };
}
