import { subscribe, unsubscribe } from "node:diagnostics_channel";
import type { IncomingMessage } from "node:http";
import type { DescribedOperation, JsonSchema, OpenApiDocument } from "../document/index.ts";
import { bodySchema, leastBody, parametersOf, resolved } from "./described-input.ts";

/** A place in a request that holds a text of the caller's. */
export interface CallerField {
  readonly name: string;
  /** Encodes the text for its place. */
  readonly encode: (text: string) => string;
  request(text: string): CallerRequest;
}

export interface CallerRequest {
  readonly method: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** Read by Node's own server, where no proxy of ours sees it. */
const readByNode = ["host", "connection", "expect", "content-type", "upgrade"];

/**
 * Every place of every operation where a caller's text goes: path, query, headers and strings in the body, by the
 * document; the path itself; and each header that the service reads, described or not, as a first request to each operation finds
 * out. So a new one is found without being listed. The service must run in this process.
 */
export async function callerFields(
  document: OpenApiDocument,
  send: (request: CallerRequest) => Promise<unknown>,
): Promise<CallerField[]> {
  const fields: CallerField[] = [pathItself];
  const readBy = new Map<string, CallerRequest[]>();
  for (const [path, operations] of Object.entries(document.paths)) {
    for (const [method, operation] of Object.entries(operations)) {
      const plain = plainRequest(path, method.toUpperCase(), operation, document);
      fields.push(...parameterFields(path, plain, operation), ...bodyFields(plain, document, operation));
      const described = parametersOf(operation).filter((parameter) => parameter.in === "header");
      const read = await headersReadBy(() => send(plain));
      for (const header of [...described.map(({ name }) => name.toLowerCase()), ...read, ...readByNode]) {
        readBy.set(header, [...new Set([...(readBy.get(header) ?? []), plain])]);
      }
    }
  }
  // One place reads a header for all operations, so two requests are enough: one without a body and one with it.
  for (const [name, requests] of readBy) {
    const some = requests.length <= 6 ? requests : [requests.find(isGet), requests.find((each) => !isGet(each))];
    fields.push(...some.flatMap((plain) => (plain === undefined ? [] : headerField(name, plain))));
  }
  return fields;
}

const isGet = ({ method }: CallerRequest): boolean => method === "GET";
/** A run of spaces is as long as it is sent. */
const formEncoded = (text: string): string => encodeURIComponent(text).replaceAll("%20", "+");
const asIs = (text: string): string => text;

const pathItself: CallerField = {
  name: "a path",
  encode: encodeURIComponent,
  request: (text) => ({ method: "GET", path: `/${encodeURIComponent(text)}` }),
};

function headerField(name: string, plain: CallerRequest): CallerField {
  return {
    name: `${plain.method} ${plain.path} ${name}`,
    encode: asIs,
    request: (text) => ({ ...plain, headers: { ...plain.headers, [name]: text } }),
  };
}

function plainRequest(
  path: string,
  method: string,
  operation: DescribedOperation,
  document: OpenApiDocument,
): CallerRequest {
  const plain = { method, path: path.replaceAll(/\{\w+\}/g, "00000000-0000-7000-8000-000000000000") };
  if (operation.requestBody === undefined) return plain;
  const body = leastBody(bodySchema(operation), document);
  return { ...plain, headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
}

function parameterFields(path: string, plain: CallerRequest, operation: DescribedOperation): CallerField[] {
  return parametersOf(operation)
    .filter((parameter) => parameter.in !== "header")
    .map((parameter) => ({
      name: `${plain.method} ${path} ${parameter.in} ${parameter.name}`,
      encode: parameter.in === "query" ? formEncoded : encodeURIComponent,
      request: (text) =>
        parameter.in === "query"
          ? { ...plain, path: `${plain.path}?${parameter.name}=${formEncoded(text)}` }
          : { ...plain, path: path.replaceAll(/\{\w+\}/g, encodeURIComponent(text)) },
    }));
}

function bodyFields(plain: CallerRequest, document: OpenApiDocument, operation: DescribedOperation): CallerField[] {
  const schema = bodySchema(operation);
  if (schema === undefined) return [];
  const raw: CallerField = {
    name: `${plain.method} ${plain.path} body`,
    encode: asIs,
    request: (text) => ({ ...plain, body: text }),
  };
  const strings = wrappers(schema, document, 6).map((wrap, index) => ({
    name: `${plain.method} ${plain.path} string ${index + 1} of the body: ${JSON.stringify(wrap(""))}`,
    encode: (text: string) => JSON.stringify(text).slice(1, -1),
    request: (text: string) => ({ ...plain, body: JSON.stringify(wrap(text)) }),
  }));
  return [raw, ...strings];
}

type Wrap = (text: string) => unknown;

/** For each string in what the schema describes, the least value that holds a text there. */
function wrappers(schema: JsonSchema, document: OpenApiDocument, levels: number): Wrap[] {
  if (levels === 0) return [];
  const within = (inner: unknown) => wrappers((inner ?? {}) as JsonSchema, document, levels - 1);
  if (typeof schema.$ref === "string") return within(resolved(schema, document));
  const alternatives = schema.anyOf ?? schema.oneOf ?? schema.allOf;
  if (Array.isArray(alternatives)) return alternatives.slice(0, 4).flatMap(within);
  if (schema.type === "string") return [asIs];
  if (schema.type === "array") return within(schema.items).map((wrap) => (text) => [wrap(text)]);
  return Object.entries(schema.properties ?? {}).flatMap(([name, property]) =>
    within(property).map(
      (wrap): Wrap =>
        (text) => ({ [name]: wrap(text) }),
    ),
  );
}

async function headersReadBy(work: () => Promise<unknown>): Promise<Set<string>> {
  const names = new Set<string>();
  const watch = (message: unknown) => {
    const { request } = message as { request: IncomingMessage };
    const headers = new Proxy(request.headers, {
      get(all, name) {
        if (typeof name === "string" && /^[a-z-]+$/.test(name)) names.add(name);
        return Reflect.get(all, name);
      },
    });
    Object.defineProperty(request, "headers", { value: headers });
  };
  subscribe("http.server.request.start", watch);
  try {
    await work();
  } finally {
    unsubscribe("http.server.request.start", watch);
  }
  return names;
}
