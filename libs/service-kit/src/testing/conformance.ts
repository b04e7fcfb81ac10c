import { Validator } from "@seriousme/openapi-schema-validator";
import { Ajv2020 } from "ajv/dist/2020.js";
import formats from "ajv-formats";
import type { DescribedResponse, OpenApiDocument } from "../document/index.ts";

/** Checks the answers of a service against its document. */
export interface Conformance {
  /** `fetch`, which throws an error unless the document describes the answer for this path, method and status. */
  readonly fetch: (url: string, init?: RequestInit) => Promise<Response>;
  /** Checks an answer that was fetched before. Throws an error that names the difference. */
  check(request: { readonly method: string; readonly url: string }, answer: Answer): void;
  /** `get /tickets 200` and the like, for each checked answer, so that a test can find the unchecked ones. Sorted. */
  checked(): string[];
}

interface Answer {
  readonly status: number;
  readonly type: string | null;
  readonly text: string;
}

/** Returns the document of a running service. Throws an error when it is no valid OpenAPI 3.1. */
export async function documentOf(url: string): Promise<OpenApiDocument> {
  const document = (await (await fetch(`${url}/openapi.json`)).json()) as OpenApiDocument;
  const text = JSON.stringify(document);
  if (!validTexts.has(text)) await validate(text);
  validTexts.add(text);
  return document;
}

/** Texts of valid documents: most tests read a document that another test has checked, and a check is half of their cost. */
const validTexts = new Set<string>();

async function validate(text: string): Promise<void> {
  const { valid, errors } = await new Validator().validate(JSON.parse(text));
  if (!valid) throw new Error(`This is no valid OpenAPI document: ${JSON.stringify(errors)}`);
}

export function conformance(document: OpenApiDocument): Conformance {
  const ajv = schemasOf(document);
  const checked = new Set<string>();

  const check: Conformance["check"] = ({ method, url }, { status, type, text }) => {
    const verb = method.toLowerCase();
    const { path, operation } = operationAt(document, verb, new URL(url).pathname);
    const where = `${verb} ${path} ${status}`;
    const response = operation.responses[String(status)] ?? defaultResponse(operation.responses, status, where);
    checked.add(where);
    const [key, content] = contentOf(response, type, where);
    if (content === undefined) {
      if (text !== "" && verb !== "head") throw new Error(`${where} has a body, and none is described.`);
      return;
    }
    if (!key.includes("json") || verb === "head") return;
    const at = `openapi#${response.pointer}/content/${key.replaceAll("/", "~1")}/schema`;
    const validate = ajv.getSchema(at) ?? ajv.compile({ $ref: at });
    if (!validate(JSON.parse(text))) {
      throw new Error(`${where} is not as described: ${ajv.errorsText(validate.errors)}. It was ${text.slice(0, 500)}`);
    }
  };

  return {
    check,
    checked: () => [...checked].sort(),
    fetch: async (url, init = {}) => {
      const response = await fetch(url, init);
      const type = response.headers.get("content-type");
      // A stream of events has no end to wait for.
      const text = type?.startsWith("text/event-stream") ? "" : await response.clone().text();
      check({ method: init.method ?? "GET", url }, { status: response.status, type, text });
      return response;
    },
  };
}

/**
 * Returns a function that takes the URL of a service's process, and resolves with one shared `Conformance`. It reads the document
 * from the first URL only: all processes of a service have the same document, and reading it costs more than starting a process.
 */
export function sharedConformance(): (url: string) => Promise<Conformance> {
  let shared: Promise<Conformance> | undefined;
  return (url) => {
    shared ??= documentOf(url).then(conformance);
    return shared;
  };
}

/** The compiled schemas of each document, by its text. */
const schemas = new Map<string, Ajv2020>();

function schemasOf(document: OpenApiDocument): Ajv2020 {
  const text = JSON.stringify(document);
  const known = schemas.get(text);
  if (known !== undefined) return known;
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  formats.default(ajv);
  ajv.addSchema({ ...document, $id: "openapi" }, "openapi");
  schemas.set(text, ajv);
  return ajv;
}

interface Located extends DescribedResponse {
  readonly pointer: string;
}

function operationAt(document: OpenApiDocument, verb: string, pathname: string) {
  const loose = (path: string) => path.replace(/\/$/, "");
  for (const [path, operations] of Object.entries(document.paths)) {
    const pattern = new RegExp(`^${loose(path).replaceAll(/\{\w+\}/g, "[^/]+")}$`, "i");
    const operation = operations[verb === "head" ? "get" : verb];
    if (!operation || !pattern.test(loose(pathname))) continue;
    const pointer = `/paths/${path.replaceAll("~", "~0").replaceAll("/", "~1").replaceAll("{", "%7B").replaceAll("}", "%7D")}/${verb === "head" ? "get" : verb}/responses`;
    const responses = Object.entries(operation.responses).map(([status, response]): [string, Located] => [
      status,
      { ...response, pointer: `${pointer}/${status}` },
    ]);
    return { path, operation: { responses: Object.fromEntries(responses) } };
  }
  throw new Error(`The document has no ${verb} ${pathname}.`);
}

/** Returns the `default` response, which describes errors only: a success needs a response under its own status. */
function defaultResponse(responses: Readonly<Record<string, Located>>, status: number, where: string): Located {
  if (status < 400 || responses.default === undefined) throw new Error(`${where} is not described.`);
  return responses.default;
}

function contentOf({ content }: DescribedResponse, type: string | null, where: string): [string, unknown] {
  if (content === undefined) return ["", undefined];
  const essence = type?.split(";", 1)[0] ?? "";
  const found = Object.entries(content).find(([key]) => key === essence || key === `${essence.split("/")[0]}/*`);
  if (found === undefined)
    throw new Error(`${where} is ${essence || "of no type"}, not ${Object.keys(content).join(" or ")}.`);
  return found;
}
