import type { DescribedOperation, DescribedResponse, JsonSchema, OpenApiDocument } from "../document/index.ts";
import { bodySchema, leastBody, parametersOf, resolved } from "./described-input.ts";

/** The least request that an operation takes, made from the document. */
export interface PlainRequest {
  /** Method and path, as in the document: `post /claims/{order_id}/finish`. */
  readonly name: string;
  readonly method: string;
  /** Names of the parameters in the path and in the query. */
  readonly parameters: readonly string[];
  /** JSON; undefined if the operation takes no body. */
  readonly body?: string;
  /** Schemas of the problems, by status. */
  readonly problems: Readonly<Record<string, JsonSchema>>;
  /** The path and query with these values of parameters. */
  pathWith(values: Readonly<Record<string, string | undefined>>): string;
}

/** One request for each operation of the document. */
export function plainRequests(document: OpenApiDocument): PlainRequest[] {
  return Object.entries(document.paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, operation]) => plainRequest(path, method, operation, document)),
  );
}

function plainRequest(
  path: string,
  method: string,
  operation: DescribedOperation,
  document: OpenApiDocument,
): PlainRequest {
  const parameters = parametersOf(operation).filter((each) => each.in !== "header");
  const schema = bodySchema(operation);
  return {
    name: `${method} ${path}`,
    method: method.toUpperCase(),
    parameters: parameters.map(({ name }) => name),
    ...(schema === undefined ? {} : { body: JSON.stringify(leastBody(schema, document)) }),
    problems: problemsOf(operation, document),
    pathWith: (values) => {
      const given = parameters.flatMap(({ name, in: place }) =>
        place === "query" ? [[name, values[name] ?? ""]] : [],
      );
      const query = new URLSearchParams(Object.fromEntries(given.filter(([, value]) => value !== "")));
      const filled = path.replaceAll(/\{(\w+)\}/g, (_, name) => encodeURIComponent(values[name] ?? ""));
      return query.size === 0 ? filled : `${filled}?${query}`;
    },
  };
}

function problemsOf({ responses }: DescribedOperation, document: OpenApiDocument): Record<string, JsonSchema> {
  const problems = Object.entries(responses).flatMap(([status, { content }]: [string, DescribedResponse]) => {
    const schema = content?.["application/problem+json"]?.schema;
    return schema === undefined ? [] : [[status, resolved(schema, document)] as const];
  });
  return Object.fromEntries(problems);
}
