import { type Request, type RequestHandler, type Response, Router } from "express";
import type { z } from "zod";
import { guardOf } from "../access/index.ts";
import { expressPath, type Operation } from "../document/index.ts";
import { jsonBody, validate } from "../input/index.ts";
import { refusesHead } from "../problems/index.ts";

/** The parts of a request, parsed by the schemas of its operation, with defaults. */
export interface ParsedRequest<O extends Operation> {
  readonly params: Parsed<O["params"], Record<string, string>>;
  readonly query: Parsed<O["query"], unknown>;
  readonly headers: Parsed<O["headers"], unknown>;
  readonly body: O["body"] extends { readonly schema: infer Schema } ? Parsed<Schema, unknown> : undefined;
  readonly request: Request;
}

type Parsed<Schema, Otherwise> = Schema extends z.ZodType ? z.output<Schema> : Otherwise;

/**
 * Routes and their description in one: `router` serves each operation that is added here, and `openApiDocument` describes
 * it, because `operations` lists it. Each operation names the roles that may call it. `tag` is its heading in the document.
 */
export class Api {
  readonly tag: string;
  readonly router: Router = Router();
  readonly operations: Operation[] = [];

  constructor(tag: string) {
    this.tag = tag;
  }

  /** Serves the operation. The handler gets the parsed request and sends the response. */
  handle<const O extends Operation>(
    operation: O,
    handler: (parsed: ParsedRequest<O>, response: Response) => void | Promise<void>,
  ): void {
    this.operations.push(operation);
    const { method, path, access, body } = operation;
    const parsers = body === undefined ? [] : [jsonBody({ ...body })];
    const answer: RequestHandler = async (request, response) => {
      await handler(parsedBy(operation, request), response);
    };
    this.router[method](expressPath(path), guardOf(access), ...parsers, answer);
  }

  /**
   * Refuses HEAD at a GET path. Express would answer it by the GET route, which is wrong where a GET changes something: the
   * response to HEAD would not show the change. Call it before `handle`.
   */
  refuseHead(path: string): void {
    this.router.head(expressPath(path), refusesHead);
  }
}

function parsedBy<O extends Operation>(operation: O, request: Request): ParsedRequest<O> {
  const part = (schema: z.ZodType | undefined, value: unknown, name: string) =>
    schema === undefined ? value : validate(schema, value, name);
  const { params, query, headers, body } = operation;
  return {
    params: part(params, request.params, "The path"),
    query: part(query, request.query, "The query"),
    headers: part(headers, request.headers, "The set of headers"),
    body: body === undefined ? undefined : validate(body.schema, request.body === undefined ? {} : request.body),
    request,
  } as ParsedRequest<O>;
}
