import { fileURLToPath } from "node:url";
import helmet from "helmet";
import { z } from "zod";
import { type DocumentOptions, type OpenApiDocument, openApiDocument } from "../document/index.ts";
import { Api } from "./api.ts";

/** Files of the page, from the package that `npm ci` installed, so that the page works without a network. */
const swaggerUi = {
  "swagger-ui.css": fileURLToPath(import.meta.resolve("swagger-ui-dist/swagger-ui.css")),
  "swagger-ui-bundle.js": fileURLToPath(import.meta.resolve("swagger-ui-dist/swagger-ui-bundle.js")),
} as const;

/**
 * A file of its own, because the page's policy allows no inline scripts. It finds the document beside its own folder, since a load
 * balancer may serve both below a prefix.
 */
const openDocument = `const url = new URL("../openapi.json", document.currentScript.src).href;
window.ui = SwaggerUIBundle({ url, dom_id: "#docs", deepLinking: true, validatorUrl: null });
`;

const page = (title: string, files: string) => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<link rel="stylesheet" href="${files}/swagger-ui.css">
<link rel="icon" href="data:,">
</head>
<body>
<main id="docs"></main>
<script src="${files}/swagger-ui-bundle.js"></script>
<script src="${files}/open-document.js"></script>
</body>
</html>
`;

/** Allows what Swagger UI needs: styles that it sets on its elements, and icons as `data:` URLs. */
const pagePolicy = helmet.contentSecurityPolicy({
  useDefaults: false,
  directives: {
    defaultSrc: ["'none'"],
    scriptSrc: ["'self'"],
    styleSrc: ["'self'", "'unsafe-inline'"],
    imgSrc: ["'self'", "data:"],
    connectSrc: ["'self'"],
    baseUri: ["'none'"],
    formAction: ["'none'"],
    frameAncestors: ["'none'"],
  },
});

/** Routes `/openapi.json` and `/docs`, which show the document of the given operations and of these two. */
export function docsApi(options: DocumentOptions): Api {
  const api = new Api("operations");
  let document: OpenApiDocument | undefined;

  api.handle(
    {
      id: "getOpenApi",
      method: "get",
      path: "/openapi.json",
      summary: "This document",
      access: "public",
      answers: { 200: { description: "The OpenAPI 3.1 document.", schema: z.looseObject({}) } },
    },
    (_parsed, response) => {
      // Made at the first request, so that the start of the process does not wait for it.
      document ??= openApiDocument({ ...options, apis: [...options.apis, api] });
      response.json(document);
    },
  );

  api.router.use("/docs", pagePolicy);
  const html = { type: "text/html", schema: z.string() };
  api.handle(
    {
      id: "getDocs",
      method: "get",
      path: "/docs",
      summary: "This document, to read and to try",
      access: "public",
      answers: { 200: { description: "A page that needs no network beyond this service.", ...html } },
    },
    (_parsed, response) => {
      // Relative to the path of the page.
      const files = response.req.path.endsWith("/") ? "." : "docs";
      response.type("html").send(page(escaped(options.title), files));
    },
  );
  api.handle(
    {
      id: "getDocsFile",
      method: "get",
      path: "/docs/{file}",
      summary: "A file of the page",
      access: "public",
      params: z.object({ file: z.enum(["swagger-ui.css", "swagger-ui-bundle.js", "open-document.js"]) }),
      answers: { 200: { description: "A script or a style sheet.", type: "text/*", schema: z.string() } },
    },
    ({ params: { file } }, response) => {
      if (file === "open-document.js") response.type("js").send(openDocument);
      else response.sendFile(swaggerUi[file], { maxAge: "1d" });
    },
  );
  return api;
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}
