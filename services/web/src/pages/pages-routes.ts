import { Api, matchesEntityTag, ProblemError } from "@doubleshot/service-kit";
import type { Request, Response } from "express";
import { z } from "zod";
import { encodings, type PageFile, type PageFiles } from "./page-files.ts";
import { pagePolicy } from "./page-policy.ts";

/** A file's name has a hash of its contents. An icon's name has a number, to be raised when the icon changes. */
const forever = "public, max-age=31536000, immutable";

const html = { type: "text/html", schema: z.string() };

const pages = [
  {
    id: "getOrderPage",
    path: "/",
    file: "index.html",
    summary: "The page for customers: order, and see when it is ready",
  },
  { id: "getBarPage", path: "/bar", file: "bar.html", summary: "The page for baristas: claim orders, and finish them" },
  {
    id: "getDisplayPage",
    path: "/display",
    file: "display.html",
    summary: "The screen in the shop: brewing, and ready",
  },
  {
    id: "getEnginePage",
    path: "/engine",
    file: "engine.html",
    summary: "The page for engineers: the messages' way, and an order's journey",
  },
] as const;

/** The pages and their files. They are public: the services behind them decide what a caller may do. */
export function pagesApi(files: PageFiles): Api {
  const api = new Api("pages");
  for (const { id, path, file, summary } of pages) {
    const answers = {
      200: { description: "The page.", ...html },
      304: { description: "`If-None-Match` names the current version." },
    };
    api.handle({ id, method: "get", path, summary, access: "public", answers }, ({ request }, response) => {
      pagePolicy(request, response, () => undefined);
      sendFile(files.get(file), { request, response, caching: "no-cache" });
    });
  }
  api.handle(
    {
      id: "getServiceWorker",
      method: "get",
      path: "/service-worker.js",
      summary: "The script that opens the pages without a network",
      access: "public",
      answers: {
        200: { description: "The script.", type: "text/javascript", schema: z.string() },
        304: { description: "`If-None-Match` names the current version." },
      },
    },
    ({ request }, response) => {
      // The policy of this response applies to the worker.
      pagePolicy(request, response, () => undefined);
      sendFile(files.get("service-worker.js"), { request, response, caching: "no-cache" });
    },
  );
  api.handle(
    {
      id: "getPageFile",
      method: "get",
      path: "/assets/{file}",
      summary: "A file of the pages",
      access: "public",
      params: z.object({ file: z.string().max(200) }),
      answers: {
        200: { description: "A script, a style sheet or an image.", type: "text/*", schema: z.string() },
        304: { description: "`If-None-Match` names the current version." },
      },
      problems: { 404: "No page has such a file." },
    },
    ({ params: { file }, request }, response) => {
      sendFile(files.get(`assets/${file}`), { request, response, caching: forever });
    },
  );
  return api;
}

interface FileRequest {
  readonly request: Request;
  readonly response: Response;
  /** The value of `Cache-Control`. */
  readonly caching: string;
}

/** Sends the file in the smallest encoding that the caller accepts. */
function sendFile(file: PageFile | undefined, { request, response, caching }: FileRequest): void {
  if (file === undefined) throw new ProblemError(404, "No page has such a file: load the page again.");
  const accepted = encodings.find(({ name }) => file.encoded.has(name) && request.acceptsEncodings(name) === name);
  const tag = accepted === undefined ? file.tag : `${file.tag}-${accepted.name}`;
  response.set({ "Cache-Control": caching, ETag: `"${tag}"`, Vary: "Accept-Encoding", "Content-Type": file.type });
  if (matchesEntityTag(tag, request.get("if-none-match"))) {
    response.status(304).end();
    return;
  }
  const body = (accepted && file.encoded.get(accepted.name)) ?? file.plain;
  if (accepted) response.set("Content-Encoding", accepted.name);
  response.set("Content-Length", String(body.length)).end(request.method === "HEAD" ? undefined : body);
}
